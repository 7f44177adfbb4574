/** Runs a command to its end. @throws with what it said, when it fails */
export async function run(command: string[], input = ''): Promise<string> {
  const child = Bun.spawn(command, { stdin: Buffer.from(input), stdout: 'pipe', stderr: 'pipe' });
  const [stdout, stderr, status] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  if (status !== 0) throw new Error(`${command.join(' ')}: ${stderr.trim() || `ended with ${status}`}`);
  return stdout;
}

/** As `run`, and nothing else goes on meanwhile. */
export function runSync(command: string[]): void {
  const { exitCode, stderr } = Bun.spawnSync(command);
  if (exitCode !== 0)
    throw new Error(`${command.join(' ')}: ${stderr.toString().trim() || `ended with ${exitCode}`}`);
}

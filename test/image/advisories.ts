/** A vulnerability database for grype, of our own: its real one is on the internet, and changes from day to day. */
import { Database } from 'bun:sqlite';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

export interface Advisory {
  id: string;
  severity: 'critical' | 'high' | 'medium' | 'low';
  /** As the database has it: `npm`, or `deb` with the distribution. */
  ecosystem: 'npm' | 'deb';
  packageName: string;
  /** Which versions, such as `<4.0.0`. */
  affected: string;
  /** Undefined while there is no fix. */
  fixedIn?: string;
}

/** Grype with a database in a folder, asking nobody on the network. */
export function grype(databases: string, ...args: string[]) {
  const { status, stdout, stderr } = spawnSync('grype', args, {
    encoding: 'utf8',
    env: {
      ...process.env,
      GRYPE_DB_CACHE_DIR: databases,
      GRYPE_DB_AUTO_UPDATE: 'false',
      GRYPE_CHECK_FOR_APP_UPDATE: 'false',
    },
  });
  return { status, stdout, stderr };
}

/**
 * Makes a database (grype's format 6) with these advisories.
 *
 * @param folder empty
 * @returns the folder to give to `grype`
 */
export function advisoryDatabase(folder: string, advisories: Advisory[]): string {
  // Grype makes the tables itself when it imports a file without them.
  const empty = join(folder, 'empty.db');
  const database = new Database(empty);
  database.run(
    'CREATE TABLE db_metadata (build_timestamp datetime, model integer, revision integer, addition integer)',
  );
  database.run('INSERT INTO db_metadata VALUES (?, 6, 1, 0)', [new Date().toISOString()]);
  database.close();
  importInto(join(folder, 'tables'), empty);

  const filled = new Database(join(folder, 'tables/6/vulnerability.db'));
  const blob = (value: object) =>
    filled.run('INSERT INTO blobs (value) VALUES (?)', [JSON.stringify(value)]).lastInsertRowid;
  filled.run(
    "INSERT INTO providers (id, version, processor) VALUES ('github', '1', 'test'), ('debian', '1', 'test')",
  );
  const debian = filled.run(
    "INSERT INTO operating_systems (name, release_id, major_version, codename) VALUES ('debian', 'debian', '12', 'bookworm')",
  ).lastInsertRowid;
  for (const { id, severity, ecosystem, packageName, affected, fixedIn } of advisories) {
    const scheme = { scheme: 'CHMLN', value: severity, rank: 1 };
    const vulnerability = filled.run(
      "INSERT INTO vulnerability_handles (name, status, provider_id, blob_id) VALUES (?, 'active', ?, ?)",
      [id, ecosystem === 'npm' ? 'github' : 'debian', blob({ id, severities: [scheme] })],
    ).lastInsertRowid;
    filled.run('INSERT OR IGNORE INTO packages (ecosystem, name) VALUES (?, ?)', [ecosystem, packageName]);
    const version = { type: ecosystem === 'npm' ? 'semver' : 'dpkg', constraint: affected };
    const fix = fixedIn === undefined ? { state: 'not-fixed' } : { state: 'fixed', version: fixedIn };
    filled.run(
      `INSERT INTO affected_package_handles (vulnerability_id, operating_system_id, package_id, blob_id)
       SELECT ?, ?, id, ? FROM packages WHERE ecosystem = ? AND name = ?`,
      [
        vulnerability,
        ecosystem === 'npm' ? null : debian,
        blob({ ranges: [{ version, fix }] }),
        ecosystem,
        packageName,
      ],
    );
  }
  filled.close();
  const ready = join(folder, 'ready');
  importInto(ready, join(folder, 'tables/6/vulnerability.db'));
  return ready;
}

function importInto(databases: string, file: string): void {
  const { status, stderr } = grype(databases, 'db', 'import', file);
  if (status !== 0) throw new Error(`grype db import: ${stderr}`);
}

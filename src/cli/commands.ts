import type { Command } from './command.ts';

interface Entry {
  /** One line, for `savings --help` and the head of the command's own help. */
  summary: string;
  /** Only the command that was asked for is loaded: to load them all takes longer than most take to run. */
  load(): Promise<Command>;
}

/** Every subcommand by its name, in the order of the help. */
export const COMMANDS: Readonly<Record<string, Entry>> = {
  serve: {
    summary: 'serve predictions over HTTP (the default)',
    load: async () => (await import('./commands/serve.ts')).serveCommand,
  },
  describe: {
    summary: 'draft the description of a model from a CSV, or check one',
    load: async () => (await import('./commands/describe.ts')).describeCommand,
  },
  train: {
    summary: 'train a model and write it as a version',
    load: async () => (await import('./commands/train.ts')).trainCommand,
  },
  retrain: {
    summary: 'train on the rows of a location, publish, evaluate on the newest and promote, in one go',
    load: async () => (await import('./commands/retrain.ts')).retrainCommand,
  },
  generate: {
    summary: 'write sample data as CSV',
    load: async () => (await import('./commands/generate.ts')).generateCommand,
  },
  predict: {
    summary: 'predict the rows of a CSV without a server',
    load: async () => (await import('./commands/predict.ts')).predictCommand,
  },
  import: {
    summary: 'take in a random forest that scikit-learn trained, from ONNX',
    load: async () => (await import('./commands/import.ts')).importCommand,
  },
  export: {
    summary: 'write a version as an ONNX graph, to predict with where this program is not',
    load: async () => (await import('./commands/export.ts')).exportCommand,
  },
  publish: {
    summary: 'put a version into the store, once',
    load: async () => (await import('./commands/publish.ts')).publishCommand,
  },
  promote: {
    summary: 'let a channel name a version, which its servers then load',
    load: async () => (await import('./commands/promote.ts')).promoteCommand,
  },
  rollback: {
    summary: 'let a channel name the version it named before',
    load: async () => (await import('./commands/rollback.ts')).rollbackCommand,
  },
  list: {
    summary: 'the versions of a store, and what its channels name',
    load: async () => (await import('./commands/list.ts')).listCommand,
  },
  show: {
    summary: 'what a version is, or what a channel has named',
    load: async () => (await import('./commands/show.ts')).showCommand,
  },
  diff: {
    summary: 'what sets two versions apart',
    load: async () => (await import('./commands/diff.ts')).diffCommand,
  },
  evaluate: {
    summary: 'how near a version comes to known outcomes, and whether it may take the place of another',
    load: async () => (await import('./commands/evaluate.ts')).evaluateCommand,
  },
  sign: {
    summary: "sign a version's folder, before it is published",
    load: async () => (await import('./commands/sign.ts')).signCommand,
  },
  verify: {
    summary: 'check a version as the server would before it serves it',
    load: async () => (await import('./commands/verify.ts')).verifyCommand,
  },
};

/** Scores chunks of CSVs off the main thread. See scoring-pool.ts, which it answers in the order in which it is asked. */
import { AppError, type ErrorCode, messageOf } from '../../errors.ts';
import type { Model } from '../../model/model.ts';
import { type ModelParts, modelOf } from '../../model/model-parts.ts';
import { ChunkScorer, type ScoredChunk, type ScoreOptions } from '../bytes/chunk-scorer.ts';
import type { CsvChunk } from '../bytes/record-splitter.ts';

/** What a worker is told. It answers `score` alone. Models and files have numbers. */
export type ScoringMessage =
  | { kind: 'model'; model: number; parts: ModelParts }
  | { kind: 'forget'; model: number }
  | { kind: 'open'; file: number; model: number; header: CsvChunk; options: ScoreOptions }
  | { kind: 'close'; file: number }
  | { kind: 'score'; file: number; chunk: CsvChunk };

export type ScoringReply =
  | { ok: true; scored: ScoredChunk }
  | { ok: false; code: ErrorCode | 'defect'; message: string };

const models = new Map<number, Model>();
const files = new Map<number, ChunkScorer>();
const scope = globalThis as unknown as Worker;

scope.onmessage = ({ data: message }: MessageEvent<ScoringMessage>) => {
  switch (message.kind) {
    case 'model':
      models.set(message.model, modelOf(message.parts));
      break;
    case 'forget':
      models.delete(message.model);
      break;
    case 'open': {
      const { file, model, header, options } = message;
      files.set(file, new ChunkScorer(header, models.get(model)!, options));
      break;
    }
    case 'close':
      files.delete(message.file);
      break;
    case 'score': {
      const reply = score(files.get(message.file)!, message.chunk);
      scope.postMessage(reply, reply.ok ? memoryOf(reply.scored) : []);
    }
  }
};

function score(scorer: ChunkScorer, chunk: CsvChunk): ScoringReply {
  try {
    return { ok: true, scored: scorer.score(chunk) };
  } catch (error) {
    const code = error instanceof AppError ? error.code : 'defect';
    return { ok: false, code, message: messageOf(error) };
  }
}

/** What goes to the main thread without being copied. */
const memoryOf = ({ csv, counts }: ScoredChunk) => [csv.buffer, ...(counts ? [counts.amounts.buffer] : [])];

/** What inside.ts prints when all is ready. */
export const READY = 'The cluster is ready';

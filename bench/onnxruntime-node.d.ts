/** Checked without the bench's own packages, which most people never install. */
declare module 'onnxruntime-node';

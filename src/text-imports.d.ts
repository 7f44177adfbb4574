// Files imported as text, so that they are part of the program on every runtime and in the binary.
declare module '*.css' {
  const text: string;
  export default text;
}
declare module '*.svg' {
  const text: string;
  export default text;
}
declare module '*.txt' {
  const text: string;
  export default text;
}
declare module 'htmx.org/dist/htmx.min.js' {
  const text: string;
  export default text;
}
declare module '*/public/app.js' {
  const text: string;
  export default text;
}
declare module '*/public/requests.js' {
  const text: string;
  export default text;
}
declare module '*/public/batch.js' {
  const text: string;
  export default text;
}
declare module '*/public/remember.js' {
  const text: string;
  export default text;
}

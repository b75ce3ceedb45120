// Supplies globals that a simulated page (jsdom) lacks, from Node. Injected into dist/browser.cjs and dist/node.cjs: globalThis is not
// changed.
const util = globalThis.process?.getBuiltinModule?.("node:util");
const streams = globalThis.process?.getBuiltinModule?.("node:stream/web");

const PageDecoder = globalThis.TextDecoder ?? util?.TextDecoder;
const PageEncoder = globalThis.TextEncoder ?? util?.TextEncoder;
const PageReadable = globalThis.ReadableStream ?? streams?.ReadableStream;
const PageTransform = globalThis.TransformStream ?? streams?.TransformStream;

export { PageDecoder as TextDecoder, PageEncoder as TextEncoder, PageReadable as ReadableStream, PageTransform as TransformStream };

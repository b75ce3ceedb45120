import { isRingbackError } from "../model/error.js";

/** V8's way to take a stack; newer versions of other engines have it as well. */
const { captureStackTrace } = Error as { captureStackTrace?(target: object, below?: (...args: never[]) => unknown): void };

/**
 * Runs the work of a public function. The stack of an error that it throws begins where the user called that function, not within
 * the library.
 *
 * @internal
 */
export function callFrom<T>(publicFunction: (...args: never[]) => unknown, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (isRingbackError(error)) captureStackTrace?.(error, publicFunction);
    throw error;
  }
}

/**
 * Makes a public function of one that throws.
 *
 * @internal
 */
export function syncFrom<A extends unknown[], T>(work: (...args: A) => T): (...args: A) => T {
  const publicFunction = (...args: A): T => callFrom(publicFunction, () => work(...args));
  return publicFunction;
}

/**
 * Makes a public function of one that returns a promise. The stack is taken when the user calls it: once it is awaited, nothing of
 * the call is left.
 *
 * @internal
 */
export function asyncFrom<A extends unknown[], T>(work: (...args: A) => Promise<T>): (...args: A) => Promise<T> {
  const publicFunction = (...args: A): Promise<T> => {
    const site: { stack?: string } = {};
    captureStackTrace?.(site, publicFunction);
    return work(...args).catch((error: unknown) => {
      throw isRingbackError(error) ? copyStack(error, site) : error;
    });
  };
  return publicFunction;
}

function copyStack<E extends Error>(error: E, { stack = "" }: { stack?: string }): E {
  const frames = stack.indexOf("\n    at ");
  if (frames >= 0) Object.defineProperty(error, "stack", { value: `${error.name}: ${error.message}${stack.slice(frames)}`, writable: true, configurable: true });
  return error;
}

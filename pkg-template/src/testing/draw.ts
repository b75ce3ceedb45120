import { uniformInt } from "pure-rand/distribution/uniformInt";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";

/** All that is left to chance, drawn from one seed. */
export interface Draw {
  /** An integer from `from` to `to`, both included. */
  integer(from: number, to: number): number;
  /** One of these. */
  pick<T>(these: readonly [T, ...T[]]): T;
  /** Hexadecimal digits, in lower case. */
  hex(length: number): string;
  /** Decimal digits, of which the first is none that could be dropped. */
  digits(length: number): string;
  /** A generator of its own, so that what is drawn from it moves nothing else. */
  fork(): Draw;
}

/** @param seed An integer. The same one gives the same draws. */
export function createDraw(seed: number): Draw {
  const generator = xoroshiro128plus(seed);
  const integer = (from: number, to: number): number => uniformInt(generator, from, to);
  const hex = (length: number): string => Array.from({ length }, () => integer(0, 15).toString(16)).join("");
  return {
    integer,
    pick: <T>(these: readonly [T, ...T[]]): T => these[integer(0, these.length - 1)] ?? these[0],
    hex,
    digits: (length) => Array.from({ length }, (_, place) => integer(place === 0 ? 1 : 0, 9)).join(""),
    fork: () => createDraw(integer(-(2 ** 31), 2 ** 31 - 1)),
  };
}

import { uniformInt } from "pure-rand/distribution/uniformInt";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";

/** A source of random values, all drawn from one seed. */
export interface Draw {
  /** An integer from `from` to `to`, both included. */
  integer(from: number, to: number): number;
  /** One of these values. */
  pick<T>(these: readonly [T, ...T[]]): T;
  /** Hexadecimal digits, in lower case. */
  hex(length: number): string;
  /** Decimal digits, the first of which is not 0. */
  digits(length: number): string;
  /** Creates an independent generator: drawing from it does not change the values of others. */
  fork(): Draw;
}

/** @param seed An integer. The same seed gives the same values. */
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

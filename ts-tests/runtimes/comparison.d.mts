import type { Json } from "../tests/support/vectors.js";

export function parseExactJson(text: string): Json;
export function decodeFields(request: { url: string; body?: string | undefined }, encoding: string): Json;
export function listDifferences(expected: unknown, found: unknown, exact: boolean, path?: string): string[];

import type { Json } from "../tests/support/vectors.js";

export function exactJson(text: string): Json;
export function fieldsOf(request: { url: string; body?: string | undefined }, encoding: string): Json;
export function differences(expected: unknown, found: unknown, exact: boolean, path?: string): string[];

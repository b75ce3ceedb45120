// Anchors of headings. The tests import this file too, so it needs no package.

/** Makes the anchor of a heading as the repository's pages on the web have it, so that one link works in both places. */
export function slugify(heading: string): string {
  return heading.trim().toLowerCase().replaceAll(/[^\p{L}\p{M}\p{N}\p{Pc}\s-]/gu, "").replaceAll(/\s/g, "-");
}

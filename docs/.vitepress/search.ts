// Search in Chinese. MiniSearch splits a text at spaces and punctuation, so a whole Chinese sentence would be one word. Here every two
// neighbouring Chinese characters are one word, in the index and in the search box alike: 话单推送 is found by 话单, 推送 or 单推送.

const SPACE_OR_PUNCTUATION = /[\n\r\p{Z}\p{P}\p{S}]+/u;
const CHINESE_OR_OTHER = /\p{Script=Han}+|[^\p{Script=Han}]+/gu;
const CHINESE = /\p{Script=Han}/u;

/** Splits a text into words; Chinese into overlapping pairs of characters. */
export function splitIntoWords(text: string): string[] {
  const runs = text.split(SPACE_OR_PUNCTUATION).flatMap((part) => part.match(CHINESE_OR_OTHER) ?? []);
  return runs.flatMap((run) => (CHINESE.test(run) ? listPairs(run) : [run]));
}

function listPairs(run: string): string[] {
  const characters = [...run];
  return characters.length === 1 ? characters : characters.slice(1).map((second, index) => `${characters[index]}${second}`);
}

/** A part of a page that search finds by itself: a heading and the text below it. */
interface Section {
  readonly anchor: string;
  readonly titles: string[];
  readonly text: string;
}

const HEADING = /<h(\d)[^>]*>(.*?)<a[^>]* href="#([^"]*)"[^>]*>.*?<\/a><\/h\1>/gis;

/**
 * Splits a rendered page at its headings. The words are split here, because VitePress would have to send a function of its configuration
 * to the browser as text and evaluate it there, which the site's content security policy forbids. The title is among the words, because
 * MiniSearch splits the title itself only at spaces.
 */
export function* splitIntoSections(_file: string, html: string): Generator<Section> {
  const parts = html.split(HEADING);
  let parents: string[] = [];
  for (let at = 1; at < parts.length; at += 4) {
    const [level, heading, anchor, content] = parts.slice(at, at + 4) as [string, string, string, string];
    const title = removeTags(heading).trim();
    if (title === "") continue;
    parents = [...parents.slice(0, Number(level) - 1), title];
    yield { anchor, titles: parents.filter(Boolean), text: splitIntoWords(`${title} ${removeTags(content)}`).join(" ") };
  }
}

function removeTags(html: string): string {
  const text = html.replace(/<[^>]*>/g, " ");
  return text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&quot;", '"').replaceAll("&#39;", "'").replaceAll("&amp;", "&");
}

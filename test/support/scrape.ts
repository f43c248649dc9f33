/** The samples of a scrape in the text format of Prometheus: `name{label="value"}` and its value. */
export function samplesOf(text: string): Map<string, number> {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]));
}

/** The names of its samples, without labels. */
export function namesOf(text: string): Set<string> {
  return new Set([...samplesOf(text).keys()].map((sample) => sample.replace(/\{.*$/, '')));
}

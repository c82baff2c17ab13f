/** From values to places on a chart, and the round values that its axes name. */

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const TIME_STEPS = [1, 2, 3, 6, 12].map((hours) => hours * HOUR).concat([1, 2, 7, 14].map((days) => days * DAY));
const MONTH_STEPS = [1, 2, 3, 6, 12, 24, 60];

/** Return the function that maps `[low, high]` to `[from, to]`; an empty domain is widened. */
export function linear([low, high], [from, to]) {
  const width = high - low || 1;
  return (value) => from + ((value - low) / width) * (to - from);
}

/** Return the least and the greatest of the numbers that are there, with a margin (a share of their distance). */
export function extent(values, margin = 0.06) {
  const known = values.filter((value) => Number.isFinite(value));
  const low = known.reduce((least, value) => Math.min(least, value), Infinity);
  const high = known.reduce((most, value) => Math.max(most, value), -Infinity);
  const room = (high - low || Math.abs(high) || 1) * margin;
  return [low - room, high + room];
}

/** Return about `count` round numbers in `[low, high]`, and how many decimals they need. */
export function roundTicks([low, high], count) {
  const rough = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((factor) => factor * power).find((each) => each >= rough);
  const ticks = [];
  for (let n = Math.ceil(low / step); n * step <= high; n += 1) ticks.push(n * step);
  const digits = Math.max(0, Math.ceil(-Math.log10(step)), Number.isInteger(step) || step > 1 ? 0 : 1);
  return { ticks, digits: step < 10 && !Number.isInteger(step) ? Math.max(1, digits) : digits };
}

/** Return at most `count` round instants in `[from, to]`, in milliseconds, and what their labels have to tell. */
export function timeTicks([from, to], count) {
  const step = TIME_STEPS.find((each) => (to - from) / each <= count);
  if (!step) return monthTicks(from, to, count);
  const ticks = [];
  for (let n = Math.ceil(from / step); n * step <= to; n += 1) ticks.push(n * step);
  return { ticks, parts: step < DAY ? "hour" : "day" };
}

function monthTicks(from, to, count) {
  const first = new Date(from);
  const months = (to - from) / (30.4 * DAY);
  const step = MONTH_STEPS.find((each) => months / each <= count) ?? 120;
  const start = Math.ceil((first.getUTCFullYear() * 12 + first.getUTCMonth()) / step) * step;
  const ticks = [];
  const instantOf = (month) => Date.UTC(Math.floor(month / 12), month % 12);
  for (let month = start; instantOf(month) <= to; month += step) {
    if (instantOf(month) >= from) ticks.push(instantOf(month));
  }
  return { ticks, parts: step >= 12 ? "year" : "month" };
}

import { usdOfMicro } from './format.js';

/** @typedef {{ label: string, amount: number }} Bar an amount in micro-USD */

const HEIGHT = 168;

/** Bars over time in one element, drawn anew when the figures, the width or the colours change. */
export class BarChart {
  /** @param {HTMLElement} place @param {(at: number) => boolean} isLabelled which bars have their label below */
  constructor(place, isLabelled) {
    this.place = place;
    this.isLabelled = isLabelled;
    /** @type {readonly Bar[]} */
    this.bars = [];
    this.drawn = '';
    this.plot = undefined;
    new ResizeObserver(() => this.draw()).observe(place);
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.draw());
  }

  /** @param {readonly Bar[]} bars */
  show(bars) {
    const text = JSON.stringify(bars);
    if (text === this.drawn) return;
    this.drawn = text;
    this.bars = bars;
    this.draw();
  }

  draw() {
    const width = this.place.clientWidth;
    if (width === 0 || this.bars.length === 0) return;
    this.plot?.destroy();
    const xs = this.bars.map((_bar, at) => at);
    const ys = this.bars.map(({ amount }) => amount);
    this.plot = new uPlot(this.options(width, Math.max(...ys)), [xs, ys], this.place);
  }

  /** @param {number} width @param {number} most @returns {import("uplot").Options} */
  options(width, most) {
    const colour = (/** @type {string} */ name) => getComputedStyle(this.place).getPropertyValue(name).trim();
    const axis = { stroke: colour('--soft'), font: '12px system-ui, sans-serif', ticks: { show: false } };
    const labels = (/** @type {unknown} */ _plot, /** @type {number[]} */ ats) =>
      ats.map((at) => (Number.isInteger(at) && this.isLabelled(at) ? (this.bars[at]?.label ?? '') : ''));
    const top = niceAbove(most);
    return {
      width,
      height: HEIGHT,
      padding: [8, 20, 0, 0],
      legend: { show: false },
      cursor: { show: false },
      scales: { x: { time: false, range: [-0.6, this.bars.length - 0.4] }, y: { range: [0, top] } },
      axes: [
        { ...axis, grid: { show: false }, size: 24, splits: () => this.bars.map((_bar, at) => at), values: labels },
        {
          ...axis,
          size: 58,
          splits: () => [0, top / 2, top],
          values: (/** @type {unknown} */ _plot, /** @type {number[]} */ amounts) =>
            amounts.map((amount) => (amount === 0 ? '$0' : usdOfMicro(amount))),
          grid: { stroke: colour('--line'), width: 1 },
        },
      ],
      series: [
        {},
        { fill: colour('--spent'), width: 0, paths: uPlot.paths.bars?.({ size: [0.7, 28], radius: 0.15 }), points: { show: false } },
      ],
    };
  }
}

/** A round amount that is not below: 1, 2, 4, 5 or 10 of its power of ten. @param {number} amount @returns {number} */
function niceAbove(amount) {
  if (amount <= 0) return 10_000;
  const power = 10 ** Math.floor(Math.log10(amount));
  return ([1, 2, 4, 5, 10].find((step) => step * power >= amount) ?? 10) * power;
}

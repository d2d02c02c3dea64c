/** One or two bars for each month, with an axis of amounts. */
import { useId, useState } from "react";
import { monthAndYear, monthName, roughMoney } from "../words/money";
import { fill, words } from "../words/speech";
import { ticks, useWidth } from "./scale";

interface MonthBar {
  month: string;
  /** One height for each series. */
  heights: number[];
  /** The text shown while the reader points at the month. */
  words: string;
}

interface MonthBarsProps {
  label: string;
  bars: MonthBar[];
  currency: string;
  /** A class for each series, of which the style sheet sets the fill. */
  series: string[];
}

const HEIGHT = 230;
const TOP = 12;
const BOTTOM = 26;

export function MonthBars({ label, bars, currency, series }: MonthBarsProps) {
  const { element, width } = useWidth();
  const [pointed, setPointed] = useState<number>();
  const hatch = useId();
  const scale = ticks(Math.max(0, ...bars.flatMap(({ heights }) => heights)), width < 420 ? 3 : 4);
  const highest = scale.at(-1) ?? 1;
  const tickWords = scale.map((tick) => roughMoney(tick, currency));
  const left = 14 + Math.max(...tickWords.map(({ length }) => length)) * 7;
  const y = (value: number) => TOP + (HEIGHT - TOP - BOTTOM) * (1 - value / highest);
  const slot = (width - left) / bars.length;
  const gap = Math.min(8, slot * 0.12);
  const bar = Math.min(26, (slot - gap * 2) / series.length);
  const narrow = slot < 34;
  const shown = pointed === undefined ? undefined : bars[pointed];

  return (
    <div ref={element} className="chart">
      <svg width={width} height={HEIGHT} viewBox={`0 0 ${width} ${HEIGHT}`} role="img" aria-label={label} onPointerLeave={() => setPointed(undefined)}>
        <defs>
          <pattern id={hatch} width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
            <rect width="6" height="6" className="hatch-ground" />
            <rect width="2.500" height="6" className="hatch-line" />
          </pattern>
        </defs>
        {scale.map((tick, i) => (
          <g key={tick}>
            <line className={tick === 0 ? "axis" : "gridline"} x1={left} x2={width} y1={y(tick)} y2={y(tick)} />
            <text className="tick" x={left - 8} y={y(tick) + 4} textAnchor="end">
              {tickWords[i]}
            </text>
          </g>
        ))}
        {bars.map(({ month, heights }, i) => {
          const middle = left + slot * (i + 0.5);
          const january = month.endsWith("-01");
          return (
            <g key={month} className={pointed === i ? "month pointed" : "month"} onPointerEnter={() => setPointed(i)} onPointerDown={() => setPointed(i)}>
              <rect className="month-ground" x={left + slot * i} y={TOP} width={slot} height={HEIGHT - TOP - BOTTOM} />
              {heights.map((height, s) => {
                const tall = Math.max(height > 0 ? 1.5 : 0, y(0) - y(height));
                return (
                  <rect
                    key={series[s]}
                    className={series[s]}
                    fill={series[s] === "bar-out" ? `url(#${hatch})` : undefined}
                    x={middle - (bar * series.length) / 2 + bar * s + 0.5}
                    y={y(0) - tall}
                    width={Math.max(1, bar - 1)}
                    height={tall}
                    rx={Math.min(3, bar / 4)}
                  />
                );
              })}
              <text className={january ? "tick tick-year" : "tick"} x={middle} y={HEIGHT - 8} textAnchor="middle">
                {monthName(month, narrow ? "narrow" : "short")}
              </text>
            </g>
          );
        })}
      </svg>
      <p className="readout" aria-hidden="true">
        {shown ? shown.words : fill(words.charts.monthsFromTo, { from: monthAndYear(bars[0]?.month ?? ""), to: monthAndYear(bars.at(-1)?.month ?? "") })}
      </p>
    </div>
  );
}

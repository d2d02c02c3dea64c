/** Geometry of the charts, in floats, which only place bars and never become figures. */
import { useEffect, useRef, useState } from "react";

/** Round steps from 0 to at least `highest`, `steps` of them at most. */
export function ticks(highest: number, steps = 4): number[] {
  if (!(highest > 0)) return [0, 1];
  const rough = highest / steps;
  const magnitude = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((n) => n * magnitude).find((n) => n >= rough) ?? 10 * magnitude;
  return Array.from({ length: Math.ceil(highest / step - 1e-9) + 1 }, (_, i) => i * step);
}

/** The element's own width, so that a chart's text keeps its size on any screen. */
export function useWidth(initial = 640) {
  const element = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(initial);
  useEffect(() => {
    if (!element.current) return;
    const observer = new ResizeObserver(([entry]) => {
      if (entry) setWidth(Math.max(240, Math.floor(entry.contentRect.width)));
    });
    observer.observe(element.current);
    return () => observer.disconnect();
  }, []);
  return { element, width };
}

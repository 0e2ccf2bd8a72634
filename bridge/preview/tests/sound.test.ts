import { describe, expect, it } from "vitest";
import { stretched } from "../src/sound";

const sine = (count: number, step: number) => Int16Array.from({ length: count }, (_, i) => 20000 * Math.sin(i * step));

describe("stretched", () => {
  it("leaves samples alone where their number fits", () => {
    expect([...stretched(Int16Array.of(0, 16384, -32768, 32767), 4)]).toEqual([0, 0.5, -1, 32767 / 32768]);
  });

  it.each([-2, 2])("resamples by %i samples without being heard", (more) => {
    const step = (2 * Math.PI * 2000) / 24000;
    const out = stretched(sine(2400, step), 2400 + more);
    const wanted = Array.from(out, (_, i) => (20000 / 32768) * Math.sin(((i * 2400) / (2400 + more)) * step));
    const error = Math.sqrt(out.slice(2, -2).reduce((sum, x, i) => sum + (x - wanted[i + 2]!) ** 2, 0) / out.length);
    expect(20 * Math.log10(error / 0.43)).toBeLessThan(-40);
  });
});

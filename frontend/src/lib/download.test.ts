import { expect, it } from "vitest";
import { fileNameOf } from "@/lib/download";

it.each([
  ['attachment; filename="result.xlsx"', "result.xlsx"],
  ["attachment; filename=result.xlsx; size=3", "result.xlsx"],
  ["attachment; filename=\"r.xlsx\"; filename*=UTF-8''result_%E6%A8%A1%E5%9E%8B.xlsx", "result_模型.xlsx"],
  ["attachment; filename=\"r.xlsx\"; filename*=UTF-8''%E6%A8", "r.xlsx"],
  ['attachment; filename="a \\"b\\".csv"', 'a "b".csv'],
  ['attachment; filename="../../etc/passwd"', "passwd"],
  ['attachment; filename="C:\\\\x\\\\y.csv"', "y.csv"],
  ['attachment; filename=".."', "fallback"],
  ["attachment", "fallback"],
  [null, "fallback"],
])("%s is saved as %s", (header, want) => expect(fileNameOf(header, "fallback")).toBe(want));

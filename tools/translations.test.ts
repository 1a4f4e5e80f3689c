/** The README and the operations pages say the same in Chinese and in English, as far as a program can see. */
import { expect, test } from "bun:test";
import { readRepo } from "./repo.ts";
import { figuresIn, findingsIn, translationOf } from "./translations.ts";

test("every page has its translation, with the same headings, commands, figures and links", async () => {
  const repo = await readRepo();
  expect([...repo.keys()].filter((path) => translationOf(path)).length).toBeGreaterThan(30);
  expect(findingsIn(repo).join("\n")).toBe("");
});

const english = `# Keys

[中文](zh/keys.md)

One **file** of \`keys\` a role, for 30 s; see [roles](roles.md#start).

## Replace

\`\`\`sh
npm start     # at once
\`\`\`

| a | b |
|---|---|
| 5 min | 37 million |
`;
const chinese = `# 密钥

[English](../keys.md)

每个角色一个 \`keys\` **文件**，30 秒；见[角色](roles.md#启动)。

## 更换

\`\`\`sh
npm start     # 立即
\`\`\`

| 甲 | 乙 |
|---|---|
| 5 分钟 | 3,700 万 |
`;
/** What is found where the Chinese page reads otherwise. */
function findingsWith(from: string, to: string): readonly string[] {
  expect(chinese).toContain(from);
  const changed = chinese.replace(from, to);
  return findingsIn(
    new Map([
      ["docs/operations/keys.md", english],
      ["docs/operations/zh/keys.md", changed],
      ["docs/operations/roles.md", "# Roles\n\n[中文](zh/roles.md)\n\n## Start\n"],
      ["docs/operations/zh/roles.md", "# 角色\n\n[English](../roles.md)\n\n## 启动\n"],
    ]),
  );
}

test("two pages that say the same keep the rule", () => {
  expect(findingsWith("", "")).toEqual([]);
});

const page = "docs/operations/zh/keys.md";
test.each([
  ["## 更换", "### 更换", `${page} has the headings # ###, and not # ##`],
  ["## 更换\n", "", `${page} has the headings #, and not # ##`],
  ["30 秒", "40 秒", `${page}, “密钥”: figures lack 30 s, and have 40 s beside the English`],
  ["30 秒", "30 毫秒", `${page}, “密钥”: figures lack 30 s, and have 30 ms beside the English`],
  ["3,700 万", "370 万", `${page}, “更换”: figures lack 37000000, and have 3700000 beside the English`],
  ["npm start ", "npm test ", `${page}, “更换”: commands lack npm start\n#-, and have npm test\n#- beside the English`],
  ["   # 立即", "", `${page}, “更换”: commands lack npm start\n#-, and have npm start\n-- beside the English`],
  ["`keys`", "`key`", `${page}, “密钥”: names in code lack \`keys\`, and have \`key\` beside the English`],
  [
    "roles.md#启动",
    "roles.md",
    `links lack docs/operations/roles.md, heading 2, and have docs/operations/roles.md beside`,
  ],
  [
    "roles.md#启动",
    "roles.md#停止",
    `links lack docs/operations/roles.md, heading 2, and have roles.md#停止 (nowhere)`,
  ],
  ["roles.md#启动", "rules.md", `have rules.md (nowhere) beside the English`],
  ["| 5 分钟 | 3,700 万 |\n", "", "paragraphs, rows and items lack row 3 of 2"],
  ["30 秒；见", "30 秒。\n\n见", "paragraphs, rows and items have paragraph 4 beside the English"],
  ["[English](../keys.md)", "English", `${page} does not lead to its translation`],
])("%p that became %p is found", (from, to, says) => {
  expect(findingsWith(from, to).join("\n")).toContain(says);
});

test("a page without its translation is found, whichever it is", () => {
  const findings = (path: string) => findingsIn(new Map([[path, "# A\n"]]));
  expect(findings("README.md")).toEqual(["README.md has no README.zh-CN.md"]);
  expect(findings("docs/operations/a.md")).toEqual(["docs/operations/a.md has no docs/operations/zh/a.md"]);
  expect(findings("docs/operations/zh/a.md")).toEqual(["docs/operations/zh/a.md has no docs/operations/a.md"]);
  expect(findings("docs/flows/a.md")).toEqual([]);
});

test("figures are read with their units in both languages", () => {
  const figures = ["0.4 s", "15,600", "10:30", "2026-12-01", "5 %", "3 MiB", "23379", "23384", "2"];
  expect(figuresIn("in 0.4 s, 15,600/s, at 10:30 on 2026-12-01, 5 % of 3 MiB, 23379–23384, 2 seats")).toEqual(figures);
  expect(figuresIn("0.4 秒内，15,600/秒，10:30，2026-12-01，5 %，3 MiB，23379–23384，2 个座位")).toEqual(figures);
});

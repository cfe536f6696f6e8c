// Opens every report of a folder in Chromium, as readers do, and says what is wrong with it.
// node check.mjs FOLDER BROWSER
import { execFileSync } from "node:child_process";
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const [folder, executablePath] = process.argv.slice(2);
const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const faults = [];
let looks = 0;
const expect = (holds, text) => { if (!holds) faults.push(text); };

// The sandbox of the browser needs rights that containers do not give; the files are our own.
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });

async function opened(file, options, look) {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const requests = [], messages = [];
  page.on("request", (request) => requests.push(request.url()));
  page.on("console", (message) => messages.push(message.text()));
  page.on("pageerror", (error) => messages.push(String(error)));
  await page.goto(pathToFileURL(join(folder, file)).href);
  await look(page);
  looks += 1;
  await context.close();
  return { requests, messages };
}

// What a reader sees: no text that is too small, none on another, no page that scrolls sideways.
function seen() {
  const found = [];
  const root = document.documentElement;
  if (root.scrollWidth > root.clientWidth) found.push(`the page is ${root.scrollWidth} wide in ${root.clientWidth}`);
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode, own = node.parentElement;
    if (!node.textContent.trim() || own.closest("script, style, title, desc")) continue;
    const size = parseFloat(getComputedStyle(own).fontSize);
    if (size < 11) found.push(`"${node.textContent.slice(0, 30)}" has ${size} px`);
  }
  // What goes on beyond an edge is hinted at there: the shadow stays, the ground that hides it moves with the content.
  for (const box of document.querySelectorAll(".scroll")) {
    const { backgroundImage, backgroundAttachment } = getComputedStyle(box);
    const isHinted = backgroundImage.split("linear-gradient").length === 5 && backgroundAttachment === "local, local, scroll, scroll";
    if (box.scrollWidth > box.clientWidth && !isHinted) found.push(`nothing hints that "${box.getAttribute("aria-label")}" scrolls`);
  }
  for (const drawing of document.querySelectorAll("svg")) {
    // A line of an axis that was drawn before a text strikes it through, unless something covers it between the two.
    const drawn = [...drawing.querySelectorAll("line.axis, rect.blank, text")];
    drawn.forEach((text, at) => {
      if (text.tagName !== "text") return;
      const box = text.getBoundingClientRect(), middle = (box.top + box.bottom) / 2;
      const covers = drawn.slice(0, at).filter((own) => own.matches(".blank")).map((own) => own.getBoundingClientRect());
      const isCovered = (x) => covers.some((own) => own.left <= x && x <= own.right && own.top <= middle && middle <= own.bottom);
      for (const line of drawn.slice(0, at).filter((own) => own.matches(".axis"))) {
        const { left, right, top, bottom } = line.getBoundingClientRect(), x = (left + right) / 2;
        const isUpright = right - left < bottom - top;
        if (isUpright && box.left + 1 < x && x < box.right - 1 && top < middle && middle < bottom && !isCovered(x))
          found.push(`"${text.textContent}" is struck through in ${drawing.querySelector("title").textContent}`);
      }
    });
    const boxes = [...drawing.querySelectorAll("text")].map((text) => [text.textContent, text.getBoundingClientRect()]);
    const frame = drawing.getBoundingClientRect();
    boxes.forEach(([a, one], at) => {
      if (one.left < frame.left - 1 || one.right > frame.right + 1 || one.top < frame.top - 1 || one.bottom > frame.bottom + 1)
        found.push(`"${a}" leaves its drawing`);
      boxes.slice(at + 1).forEach(([b, other]) => {
        const wide = Math.min(one.right, other.right) - Math.max(one.left, other.left);
        const high = Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top);
        if (wide > 1 && high > 1) found.push(`"${a}" lies on "${b}" in ${drawing.querySelector("title").textContent}`);
      });
    });
  }
  return found;
}

// Numbers as numbers, what is none last both ways.
async function sorts(page, where) {
  const column = await page.evaluate(() => {
    const table = document.querySelector("#closed table");
    const heads = [...table.tHead.rows[0].cells];
    const at = heads.findIndex((head) => head.textContent.trim() === "People");
    const values = () => [...table.tBodies[0].rows].map((row) => Number(row.cells[at].textContent.replace(/,/g, "")));
    const press = () => { heads[at].querySelector("button").click(); return [heads[at].getAttribute("aria-sort"), values()]; };
    return [press(), press()];
  });
  const [[up, rising], [down, falling]] = column;
  expect(up === "ascending" && down === "descending", `${where}: aria-sort is ${up}, ${down}`);
  expect(rising.every((value, at) => at === 0 || rising[at - 1] <= value), `${where}: ${rising} does not rise`);
  expect(falling.every((value, at) => at === 0 || falling[at - 1] >= value), `${where}: ${falling} does not fall`);
}

async function screens(file) {
  for (const width of [360, 768, 1280]) for (const colorScheme of ["light", "dark"]) for (const javaScriptEnabled of [true, false]) {
    const where = `${file} ${width} ${colorScheme} ${javaScriptEnabled ? "with" : "without"} script`;
    const { requests, messages } = await opened(
      file,
      { viewport: { width, height: 900 }, colorScheme, javaScriptEnabled },
      async (page) => {
        for (const fault of await page.evaluate(`(${seen})()`)) faults.push(`${where}: ${fault}`);
        const buttons = await page.locator("th button").count();
        expect((buttons > 0) === javaScriptEnabled || file.startsWith("transparency"), `${where}: ${buttons} buttons`);
        if (javaScriptEnabled && file.startsWith("acme")) await sorts(page, where);
      },
    );
    expect(requests.length === 1, `${where}: requests ${requests}`);
    expect(messages.length === 0, `${where}: console says ${messages}`);
  }
}

// WCAG 2.2 A and AA. Only here the policy of the file is set aside, so that axe can run in it.
async function access(file) {
  for (const colorScheme of ["light", "dark"]) {
    await opened(file, { viewport: { width: 1280, height: 900 }, colorScheme, bypassCSP: true }, async (page) => {
      await page.addScriptTag({ content: axeSource });
      const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"];
      const { violations } = await page.evaluate((values) => axe.run(document, { runOnly: { type: "tag", values } }), tags);
      for (const { id, nodes } of violations)
        faults.push(`${file} ${colorScheme}: axe ${id} at ${nodes.slice(0, 3).map((node) => node.target).join(" | ")}`);
    });
  }
}

const sheets = (pdf) => (pdf.toString("latin1").match(/\/Type\s*\/Page[^s]/g) ?? []).length;

// On paper: page 1 on one sheet, pages 1 to 7 on eight, every sentence there and in order.
async function paper(file) {
  for (const format of ["A4", "Letter"]) {
    await opened(file, { viewport: { width: 1280, height: 900 }, bypassCSP: true }, async (page) => {
      const said = await page.evaluate(() =>
        [...document.querySelectorAll("section:not(.appendix) :is(p, li)")].map((own) => own.textContent.trim()).filter(Boolean));
      await page.emulateMedia({ media: "print" });
      const hints = await page.evaluate(() =>
        [...document.querySelectorAll(".scroll")].filter((box) => getComputedStyle(box).backgroundImage !== "none").length);
      expect(hints === 0, `${file} ${format}: ${hints} hints to scroll on paper`);
      await page.addStyleTag({ content: "section.appendix{display:none}" });
      const seven = await page.pdf({ format, preferCSSPageSize: false });
      await page.addStyleTag({ content: "section:not(#one-page),footer{display:none}" });
      const one = sheets(await page.pdf({ format }));
      expect(one === 1, `${file} ${format}: page 1 takes ${one} sheets`);
      // Names of fifty letters fill the rows of tables twice.
      const most = file.startsWith("long-names") ? 10 : 8;
      expect(sheets(seven) <= most, `${file} ${format}: pages 1 to 7 take ${sheets(seven)} sheets`);
      console.log(`${file} ${format}: page 1 on ${one}, pages 1 to 7 on ${sheets(seven)} sheets`);
      ordered(`${file} ${format}`, seven, said);
    });
  }
}

function ordered(where, pdf, said) {
  const path = join(folder, "printed.pdf");
  writeFileSync(path, pdf);
  let text;
  try {
    text = execFileSync("pdftotext", ["-raw", path, "-"], { encoding: "utf8", maxBuffer: 1 << 26 });
  } catch (error) {
    if (error.code !== "ENOENT") throw error;
    console.log("skipped: no pdftotext");
    return;
  }
  // ASCII letters and digits alone: line ends are the printer's, other scripts its fonts'.
  const bare = (words) => words.replace(/[^A-Za-z0-9]/g, "");
  const whole = bare(text);
  let from = 0;
  for (const sentence of said.filter((own) => bare(own).length > 20)) {
    // The end of a sheet can stand between two of its lines.
    const start = bare(sentence).slice(0, 40);
    const at = whole.indexOf(start, from);
    expect(at >= 0, `${where}: not on paper, or out of order: ${sentence.slice(0, 60)}`);
    if (at >= 0) from = at + 1;
  }
}

for (const file of readdirSync(folder).filter((name) => name.endsWith(".html")).sort()) {
  await screens(file);
  await access(file);
  if (!file.startsWith("transparency")) await paper(file);
}
await browser.close();
console.log(`${looks} looks, ${faults.length} faults`);
faults.slice(0, 60).forEach((fault) => console.error(fault));
process.exit(faults.length ? 1 : 0);

// Generates documents of random lexemes, some at the place of a number, a string or a token.
import { WORDS } from "./documents.mjs";

const NUMBER = ["0", "1", "9", "00", "-", "+", ".", "e", "E", "a", "_", "x", " ", ",", "\uFEFF", "2147483648"];

const STRING = [
  "a",
  "ż",
  "🌉",
  "\\",
  '"',
  '""',
  "u",
  "n",
  "f",
  "/",
  "{",
  "}",
  "#",
  ",",
  " ",
  "\t",
  "\n",
  "\r",
  "\0",
  "\u007F",
  "\u2028",
].concat([
  "\\u",
  "0041",
  "D83C",
  "DF09",
  "\\u{",
  "1F309",
  "110000",
  "\\uD83C\\uDF09",
  "\\u{D83C}",
  "\\u{10FFFF}",
  '\\"""',
  "\uFEFF",
]);

const TOKEN = [
  ...WORDS,
  "F",
].concat(
  [
    "homeCity",
    "slug",
    "City",
    "x",
    "0",
    "1.5",
    '"x"',
    '"""b"""',
    "#c\n",
    ",",
    " ",
    "\n",
    "\uFEFF",
    ".",
    "..",
    "....",
    "-",
    "\\",
  ],
  ["%", "?", ";", "~", "`", "'", "<", ">", "*", "/", "^", "é", "\u200B", "\u00A0", "\u0007"],
);

function several(random, lexemes, most) {
  return Array.from({ length: 1 + random.below(most) }, () => random.pick(lexemes)).join("");
}

/** A random text. Most are not valid documents. */
export function lexical(random) {
  const number = several(random, NUMBER, 4);
  const string = several(random, STRING, 5);
  const [one, two, three] = [2, 2, 1].map((most) => (random.chance(0.5) ? several(random, TOKEN, most) : ""));
  return random.pick([
    `{ cities(first: ${number}) { totalCount } }`,
    `mutation { createProject(input: { title: "x", budget: { currency: "EUR", euShare: ${number} } }) { errors { code } } }`,
    `{ city(by: { slug: "${string}" }) { slug } }`,
    `{ city(by: { slug: """${string}""" }) { slug } }`,
    `{ homeCity { ${one} slug ${two} } }`,
    `{ homeCity ${one} { ...${three}F } } ${two} fragment F on City { slug }`,
    `${one} query Q${two}($a${three}: Int) { cities(first: $a) { totalCount } } ${three}`,
  ]);
}

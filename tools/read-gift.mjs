// Reads GIFT texts, a JSON list on standard input, with gift-pegjs; prints for each its questions as it understands
// them, or null where it refuses the text.
import { readFileSync } from "node:fs";
import gift from "gift-pegjs";

function read(text) {
  try {
    return gift.parse(text);
  } catch (problem) {
    if (problem.name === "SyntaxError") return null;
    throw problem;
  }
}

console.log(JSON.stringify(JSON.parse(readFileSync(0, "utf8")).map(read)));

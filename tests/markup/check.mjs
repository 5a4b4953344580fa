// node check.mjs pages|mails FOLDER: what html-validate, and for mails caniemail, say about every file, as JSON on
// standard output: [{file, rule, message}].
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { caniemail } from "caniemail";
import { FileSystemConfigLoader, HtmlValidate } from "html-validate";

// What readers in Indonesia open mails with, as far as caniemail.com knows it.
const CLIENTS = ["gmail.*", "outlook.*", "apple-mail.*", "yahoo.*", "samsung-email.*"];

const [kind, folder] = process.argv.slice(2);
const htmlvalidate = new HtmlValidate(new FileSystemConfigLoader({ extends: ["html-validate:standard"], root: true }));
const found = [];
for (const file of readdirSync(folder).sort()) {
  const html = readFileSync(join(folder, file), "utf8");
  const report = await htmlvalidate.validateString(html, join(folder, file));
  for (const result of report.results) {
    for (const { ruleId, message, line } of result.messages) found.push({ file, rule: ruleId, message: `${line}: ${message}` });
  }
  if (kind === "mails") {
    const { issues } = caniemail({ clients: CLIENTS, html });
    for (const [client, list] of issues.errors) {
      for (const { title } of list) found.push({ file, rule: `caniemail: ${title}`, message: client });
    }
  }
}
process.stdout.write(JSON.stringify(found), () => process.exit(0));

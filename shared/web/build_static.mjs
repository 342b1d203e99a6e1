// Builds shared/web/static/dist: our stylesheets and script, the CSS kit and htmx, each under a name that carries
// its content hash, and manifest.json (plain name → hashed name) which shared/web/templating.py reads.
// Also lays the two weights of the document font where shared/infra/documents.py looks for them.
// Run by `npm run build`; needs nothing but Node and the packages of package.json.
import { createHash } from "node:crypto";
import { copyFileSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const web = dirname(fileURLToPath(import.meta.url));
const root = join(web, "..", "..");
const modules = join(root, "node_modules");
const dist = join(web, "static", "dist");
const fonts = join(root, "shared", "infra", "typst", "fonts");

// Of the kit only what we stand on: all its selectors have zero specificity, so ours always win.
const KIT = ["gray", "sizes", "borders", "fonts", "shadows.light", "normalize.light"];
// Order matters: tokens first, print last.
const STYLES = ["tokens", "base", "layout", "forms", "tables", "parts", "stage_line", "calendar", "charts", "patterns", "desk", "print"];
const DOCUMENT_FONTS = ["400Regular/NotoSerifSC_400Regular.ttf", "700Bold/NotoSerifSC_700Bold.ttf"];

const joinFiles = (paths) => paths.map((path) => readFileSync(path, "utf8").trimEnd() + "\n").join("");

const sources = {
  "kit.css": joinFiles(KIT.map((name) => join(modules, "open-props", `${name}.min.css`))),
  "app.css": joinFiles(STYLES.map((name) => join(web, "assets", "css", `${name}.css`))),
  "app.js": readFileSync(join(web, "assets", "app.js"), "utf8"),
  "draft.js": readFileSync(join(web, "assets", "draft.js"), "utf8"),
  "desk.js": readFileSync(join(web, "assets", "desk.js"), "utf8"),
  "sheet.js": readFileSync(join(web, "assets", "sheet.js"), "utf8"),
  "upload.js": readFileSync(join(web, "assets", "upload.js"), "utf8"),
  "htmx.js": readFileSync(join(modules, "htmx.org", "dist", "htmx.min.js"), "utf8"),
  "favicon.svg": readFileSync(join(web, "assets", "favicon.svg"), "utf8"),
};

function hashedName(name, content) {
  const hash = createHash("sha256").update(content).digest("hex").slice(0, 12);
  const dot = name.lastIndexOf(".");
  return `${name.slice(0, dot)}.${hash}${name.slice(dot)}`;
}

function replaceFile(path, content) {
  writeFileSync(`${path}.part`, content);
  renameSync(`${path}.part`, path);
}

function buildAssets() {
  mkdirSync(dist, { recursive: true });
  const manifest = {};
  for (const [name, content] of Object.entries(sources)) {
    manifest[name] = hashedName(name, content);
    replaceFile(join(dist, manifest[name]), content);
  }
  // The manifest goes last: whoever reads it finds every file it names.
  replaceFile(join(dist, "manifest.json"), JSON.stringify(manifest, null, 2) + "\n");
  const wanted = new Set([...Object.values(manifest), "manifest.json"]);
  for (const name of readdirSync(dist)) if (!wanted.has(name)) rmSync(join(dist, name), { recursive: true });
  return manifest;
}

function sameSize(from, to) {
  try {
    return statSync(from).size === statSync(to).size;
  } catch {
    return false;
  }
}

function layFonts() {
  mkdirSync(fonts, { recursive: true });
  for (const path of DOCUMENT_FONTS) {
    const from = join(modules, "@expo-google-fonts", "noto-serif-sc", path);
    const to = join(fonts, path.slice(path.indexOf("/") + 1));
    if (!sameSize(from, to)) copyFileSync(from, to);
  }
}

const manifest = buildAssets();
layFonts();
for (const [name, target] of Object.entries(manifest)) console.log(`${name} → static/dist/${target}`);

// Holds HAR files against the schema of HAR 1.2, and says what is wrong with each.
const fs = require("fs");
const validator = require("har-validator");

(async () => {
  let failed = 0;
  for (const file of process.argv.slice(2)) {
    try {
      await validator.har(JSON.parse(fs.readFileSync(file, "utf8")));
    } catch (error) {
      failed += 1;
      console.error(`${file}: ${JSON.stringify(error.errors || String(error))}`);
    }
  }
  console.log(`${process.argv.length - 2 - failed} valid`);
  process.exit(failed > 0 ? 1 : 0);
})();

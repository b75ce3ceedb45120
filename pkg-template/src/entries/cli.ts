// The command line, `npx ringback`. It uses the package as everybody does, by its public name: no rule of a platform's stands in it.
import { main } from "../cli/main.js";

void main(process.argv.slice(2));

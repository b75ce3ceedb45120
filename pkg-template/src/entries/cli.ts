// The command line, `npx ringback`. It imports the package by its public name and contains no rules of platforms.
import { main } from "../cli/main.js";

void main(process.argv.slice(2));

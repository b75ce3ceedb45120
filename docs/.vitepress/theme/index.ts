import type { Theme } from "vitepress";
import type { DefaultTheme } from "vitepress";
import DefaultThemeWithoutFonts from "vitepress/theme-without-fonts";
import { toRaw } from "vue";
import { splitIntoWords } from "../search.ts";
import "./style.css";

export default {
  extends: DefaultThemeWithoutFonts,
  enhanceApp({ siteData }) {
    // The search box splits what is typed as the index was split. See ../search.ts for why this is not in the configuration.
    const { search } = toRaw(siteData.value).themeConfig as DefaultTheme.Config;
    if (search?.provider === "local" && search.options?.miniSearch?.options) search.options.miniSearch.options.tokenize = splitIntoWords;
  },
} satisfies Theme;

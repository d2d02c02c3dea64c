/** Puts Tidewell on the page, in the language that the server has chosen. */
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./App";
import { speak } from "./words/speech";
import "./styles/index.css";

const app = document.getElementById("app");
if (app) {
  void speak(document.documentElement.lang).then(() =>
    createRoot(app).render(
      <StrictMode>
        <App />
      </StrictMode>,
    ),
  );
}

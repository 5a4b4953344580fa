// The list that was drawn on the server gives way to Swagger UI, which asks nobody but us.
document.addEventListener("DOMContentLoaded", () => {
  const place = document.getElementById("contract");
  if (!place || typeof SwaggerUIBundle !== "function") return;
  document.documentElement.classList.toggle("dark-mode", matchMedia("(prefers-color-scheme: dark)").matches);
  SwaggerUIBundle({
    url: place.dataset.contract,
    domNode: place,
    deepLinking: true,
    docExpansion: "none",
    defaultModelsExpandDepth: -1,
    displayRequestDuration: true,
    validatorUrl: null,
  });
});

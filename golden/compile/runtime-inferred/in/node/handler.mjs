export const handler = async (event) => ({ data: "ok" });

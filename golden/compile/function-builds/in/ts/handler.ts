export const handler = async (event: object) => ({ data: "ok" });

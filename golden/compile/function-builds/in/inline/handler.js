exports.handler = async (event) => ({ data: "ok" });

def handler(event:, context:)
  { data: "ok" }
end

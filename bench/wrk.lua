-- Sends the bodies of a file in turn, and prints what wrk measured as JSON: wrk -s wrk.lua URL -- FILE [TOKEN]
local bodies = {}
function init(args)
   for line in io.lines(args[1]) do bodies[#bodies + 1] = line end
   math.randomseed(os.time())
   at = math.random(#bodies)
   headers = { ["content-type"] = "application/json" }
end
function request()
   at = at % #bodies + 1
   return wrk.format("POST", nil, headers, bodies[at])
end
function done(summary, latency)
   local e = summary.errors
   io.write(string.format('{"requests":%d,"us":%d,"p50":%d,"p99":%d,"failed":%d}\n', summary.requests, summary.duration,
      latency:percentile(50), latency:percentile(99), e.connect + e.read + e.write + e.status + e.timeout))
end

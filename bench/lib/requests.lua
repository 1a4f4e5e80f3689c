-- Sends the requests of a file, one a line: method, path, token, key and body, parted by tabs. Each thread takes its share.
-- BENCH_PATH sends them all to one path instead; BENCH_SKIP begins behind that many. When the file is through it begins again. At the end it prints what it measured as one line of JSON.
local threads = 0
function setup(thread)
  thread:set("number", threads)
  threads = threads + 1
  thread:set("threadCount", tonumber(os.getenv("BENCH_THREADS")))
end

local lines = {}
local next = tonumber(os.getenv("BENCH_SKIP") or 0)

function init(args)
  local n = 0
  for line in io.lines(os.getenv("BENCH_REQUESTS")) do
    if n % threadCount == number then
      local method, path, token, key, body = line:match("^([^\t]*)\t([^\t]*)\t([^\t]*)\t([^\t]*)\t(.*)$")
      local headers = {}
      if token ~= "" then headers["Authorization"] = "Bearer " .. token end
      if key ~= "" then headers["Idempotency-Key"] = key end
      if body ~= "" then headers["Content-Type"] = "application/json" end
      lines[#lines + 1] = wrk.format(method, os.getenv("BENCH_PATH") or path, headers, body ~= "" and body or nil)
    end
    n = n + 1
  end
end

function request()
  next = next % #lines + 1
  return lines[next]
end

function done(summary, latency, requests)
  io.write(string.format(
    'RESULT {"requests":%d,"durationUs":%d,"p50Us":%d,"p99Us":%d,"maxUs":%d,"refused":%d,"broken":%d}\n',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99), latency.max,
    summary.errors.status, summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout))
end

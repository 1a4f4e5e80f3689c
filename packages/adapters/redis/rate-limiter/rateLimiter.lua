-- Tries are one number under their key: the time at which all of them will have come back, in ms by the clock of Redis. By then
-- the key ends by itself.

local function nowMs()
  local time = redis.call("TIME")
  return tonumber(time[1]) * 1000 + tonumber(time[2]) / 1000
end

local function keep(key, allBackAt, now)
  local leftMs = math.ceil(allBackAt - now)
  if leftMs <= 0 then
    redis.call("DEL", key)
  else
    redis.call("SET", key, string.format("%.3f", allBackAt), "PX", leftMs)
  end
end

-- Shares of a window do not add up to it to the last bit.
local roundingMs = 1e-3

-- KEYS: tries. ARGV: tries at once, window in ms. Answers for how many ms there is none left; 0 took one.
local function take(keys, args)
  local triesMax, windowMs = tonumber(args[1]), tonumber(args[2])
  local now = nowMs()
  local allBackAt = tonumber(redis.call("GET", keys[1]) or "0")
  local following = math.max(allBackAt, now) + windowMs / triesMax
  local waitMs = math.ceil(following - windowMs - now - roundingMs)
  if waitMs > 0 then
    return waitMs
  end
  keep(keys[1], following, now)
  return 0
end

-- KEYS: tries. ARGV: tries at once, window in ms.
local function withdraw(keys, args)
  local allBackAt = redis.call("GET", keys[1])
  if not allBackAt then
    return 0
  end
  keep(keys[1], tonumber(allBackAt) - tonumber(args[2]) / tonumber(args[1]), nowMs())
  return 1
end

return { take = take, withdraw = withdraw }

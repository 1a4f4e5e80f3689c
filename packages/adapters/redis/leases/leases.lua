-- A lease is its fence under its name, for as long as it lasts. The last fence of a name is kept beside it; fences also follow
-- the clock, so that they rise even where a failover has lost the last one.

local function isHeld(key, fence)
  return redis.call("GET", key) == fence
end

-- KEYS: lease, last fence. ARGV: for how many ms. Answers the fence, or false where a process has the lease.
local function acquire(keys, args)
  if redis.call("EXISTS", keys[1]) == 1 then
    return false
  end
  local time = redis.call("TIME")
  local nowMs = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
  local last = tonumber(redis.call("GET", keys[2]) or "0")
  local fence = string.format("%.0f", math.max(last + 1, nowMs))
  redis.call("SET", keys[2], fence)
  redis.call("SET", keys[1], fence, "PX", args[1])
  return fence
end

-- KEYS: lease. ARGV: fence, for how many ms.
local function renew(keys, args)
  return isHeld(keys[1], args[1]) and redis.call("PEXPIRE", keys[1], args[2]) or 0
end

-- KEYS: lease. ARGV: fence.
local function release(keys, args)
  return isHeld(keys[1], args[1]) and redis.call("DEL", keys[1]) or 0
end

return { acquire = acquire, renew = renew, release = release }

-- Counters of a queue, all of its keys on one node.
--
--   state   hash: closed, drawn, lots, taken, served, lost, seats
--   lots    hash: "place account entered" by lot; place 0 waits for the draw, account 0 is not known yet, entered 0 has not come in
--   inside  zset by the time at which it ends: lots, and "#place" of those who were called
--   calls   list of "time served", as long as it matters to who loses a place

-- Longer than a queue is known in SQL.
local keptMs = 30 * 24 * 60 * 60 * 1000

local function number(key, field)
  return tonumber(redis.call("HGET", key, field) or "0")
end

local function set(key, field, value)
  redis.call("HSET", key, field, value)
  redis.call("PEXPIRE", key, keptMs)
end

local function text(value)
  return string.format("%.0f", value)
end

local function lotOf(key, lot)
  local value = redis.call("HGET", key, lot)
  if not value then
    return nil
  end
  local position, account, entered = string.match(value, "^(%d+) (%d+) (%d+)$")
  return { position = tonumber(position), account = account, entered = tonumber(entered) }
end

local function keep(key, lot, mine)
  redis.call("HSET", key, lot, text(mine.position) .. " " .. mine.account .. " " .. text(mine.entered))
  redis.call("PEXPIRE", key, keptMs)
end

local function isLost(mine, lost, now, stayMs)
  if mine.entered > 0 then
    return now > mine.entered + stayMs
  end
  return mine.position > 0 and mine.position <= lost
end

-- KEYS: state, lots.
local function close(keys)
  if number(keys[1], "closed") == 0 then
    local lots = redis.call("HLEN", keys[2])
    set(keys[1], "closed", 1)
    set(keys[1], "lots", lots)
    set(keys[1], "taken", math.max(number(keys[1], "taken"), lots))
  end
  return 1
end

-- KEYS: state, lots. Answers what the port calls a state, seats as text that may be empty.
local function state(keys)
  local closed = number(keys[1], "closed")
  local lots = closed == 1 and number(keys[1], "lots") or redis.call("HLEN", keys[2])
  return {
    lots,
    closed,
    number(keys[1], "drawn"),
    number(keys[1], "taken"),
    number(keys[1], "served"),
    number(keys[1], "lost"),
    redis.call("HGET", keys[1], "seats") or "",
  }
end

-- KEYS: state, lots. ARGV: lot, account, now, opening, place known, stay. Answers the place, or -1 where another account has the lot.
local function join(keys, args)
  local lot, account = args[1], args[2]
  local now, opensAt, known, stayMs = tonumber(args[3]), tonumber(args[4]), tonumber(args[5]), tonumber(args[6])
  local mine = lotOf(keys[2], lot)
  if mine and mine.account ~= "0" and mine.account ~= account then
    return -1
  end
  local lost = number(keys[1], "lost")
  if mine and not isLost(mine, lost, now, stayMs) and (mine.position > 0 or number(keys[1], "drawn") == 0) then
    mine.account = account
    keep(keys[2], lot, mine)
    return mine.position
  end
  if now >= opensAt then
    close(keys)
  end
  if known > number(keys[1], "taken") then
    set(keys[1], "taken", known)
  end
  local position = 0
  if not mine and known > 0 and known > lost then
    position = known
  elseif number(keys[1], "closed") == 1 then
    position = redis.call("HINCRBY", keys[1], "taken", 1)
  end
  keep(keys[2], lot, { position = position, account = account, entered = 0 })
  return position
end

-- KEYS: state, lots. ARGV: first place, then lots.
local function place(keys, args)
  for index = 2, #args do
    local mine = lotOf(keys[2], args[index]) or { account = "0", entered = 0 }
    mine.position = tonumber(args[1]) + index - 2
    keep(keys[2], args[index], mine)
  end
  return 1
end

-- KEYS: state, lots. ARGV: how many.
local function drawn(keys, args)
  set(keys[1], "closed", 1)
  set(keys[1], "drawn", 1)
  set(keys[1], "lots", args[1])
  set(keys[1], "taken", math.max(number(keys[1], "taken"), tonumber(args[1])))
  return 1
end

-- KEYS: state, lots. ARGV: taken, served.
local function raise(keys, args)
  set(keys[1], "taken", math.max(number(keys[1], "taken"), tonumber(args[1])))
  set(keys[1], "served", math.max(number(keys[1], "served"), tonumber(args[2])))
  return 1
end

local function noteCalls(key, now, served, isMore, keepMs)
  if isMore then
    redis.call("RPUSH", key, text(now) .. " " .. text(served))
    redis.call("PEXPIRE", key, keptMs)
  end
  local lost = 0
  while true do
    local first = redis.call("LINDEX", key, 0)
    if not first then
      return lost
    end
    local at, called = string.match(first, "^(%d+) (%d+)$")
    if tonumber(at) > now - keepMs then
      return lost
    end
    lost = tonumber(called)
    redis.call("LPOP", key)
  end
end

-- KEYS: state, lots, inside, calls. ARGV: how many, now, called for, kept for, seats.
local function serve(keys, args)
  local now = tonumber(args[2])
  local served, taken = number(keys[1], "served"), number(keys[1], "taken")
  local to = math.max(served, math.min(taken, served + tonumber(args[1])))
  for position = served + 1, to do
    redis.call("ZADD", keys[3], now + tonumber(args[3]), "#" .. text(position))
  end
  redis.call("PEXPIRE", keys[3], keptMs)
  local lost = noteCalls(keys[4], now, to, to > served, tonumber(args[4]))
  set(keys[1], "served", to)
  set(keys[1], "lost", math.max(number(keys[1], "lost"), lost))
  set(keys[1], "seats", args[5])
  return state(keys)
end

-- KEYS: state, lots, inside. ARGV: lot, account, place signed, now, inside for, at most, stay. Answers the turn and the place.
local function enter(keys, args)
  local lot, account, now = args[1], args[2], tonumber(args[4])
  local mine = lotOf(keys[2], lot) or { position = 0, account = account, entered = 0 }
  if mine.position == 0 then
    mine.position = tonumber(args[3])
  end
  if mine.account ~= "0" and mine.account ~= account then
    return { "other", mine.position }
  end
  mine.account = account
  keep(keys[2], lot, mine)
  if number(keys[1], "drawn") == 0 or mine.position > number(keys[1], "served") then
    return { "waits", mine.position }
  end
  if mine.position == 0 then
    return { "lost", 0 }
  end
  redis.call("ZREMRANGEBYSCORE", keys[3], "-inf", text(now))
  if isLost(mine, number(keys[1], "lost"), now, tonumber(args[7])) then
    redis.call("ZREM", keys[3], lot)
    return { "lost", mine.position }
  end
  local isInside = redis.call("ZSCORE", keys[3], lot)
  if not isInside then
    local wasCalled = redis.call("ZREM", keys[3], "#" .. text(mine.position)) == 1
    if not wasCalled and redis.call("ZCARD", keys[3]) >= tonumber(args[6]) then
      return { "full", mine.position }
    end
  end
  redis.call("ZADD", keys[3], now + tonumber(args[5]), lot)
  redis.call("PEXPIRE", keys[3], keptMs)
  if mine.entered == 0 then
    mine.entered = now
    keep(keys[2], lot, mine)
  end
  return { "inside", mine.position }
end

-- KEYS: inside. ARGV: now.
local function inside(keys, args)
  redis.call("ZREMRANGEBYSCORE", keys[1], "-inf", args[1])
  return redis.call("ZCARD", keys[1])
end

return {
  state = state,
  join = join,
  close = close,
  place = place,
  drawn = drawn,
  raise = raise,
  serve = serve,
  enter = enter,
  inside = inside,
}

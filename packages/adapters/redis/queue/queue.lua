-- Counters of a queue, all of its keys on one node and handed in in this order:
--
--   1 state     hash: closed, drawn, lots, late, taken, served, lost, seats
--   2 lots      hash: "place account entered" by lot; place 0 waits for the draw, -1 is the first behind all lots until they are drawn, account 0 is
--               not known yet, entered 0 has not come in
--   3 accounts  hash: lot by account
--   4 inside    zset by the time at which it ends: lots, and "#place" of those who have room kept free
--   5 calls     list of "time served", as long as it matters to who loses a place
--   6 full      zset by place: "#place" of those who were called and found it full
--   7 asking    zset of the same by the time until which they are waited for

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
  local position, account, entered = string.match(value, "^(%-?%d+) (%d+) (%d+)$")
  return { position = tonumber(position), account = account, entered = tonumber(entered) }
end

local function keep(key, lot, mine)
  redis.call("HSET", key, lot, text(mine.position) .. " " .. mine.account .. " " .. text(mine.entered))
  redis.call("PEXPIRE", key, keptMs)
end

local function bind(key, account, lot)
  redis.call("HSET", key, account, lot)
  redis.call("PEXPIRE", key, keptMs)
end

-- Once lots are drawn, who came behind them has a number like all others.
local function placeIn(keys, position)
  if position < 0 and number(keys[1], "drawn") == 1 then
    return number(keys[1], "lots") - position
  end
  return position
end

local function purge(keys, now)
  redis.call("ZREMRANGEBYSCORE", keys[4], "-inf", text(now))
  for _, who in ipairs(redis.call("ZRANGEBYSCORE", keys[7], "-inf", text(now))) do
    redis.call("ZREM", keys[6], who)
    redis.call("ZREM", keys[7], who)
  end
end

local function isLost(keys, mine, now, stayMs)
  if mine.entered > 0 then
    return now > mine.entered + stayMs
  end
  if mine.position <= 0 or mine.position > number(keys[1], "lost") then
    return false
  end
  purge(keys, now)
  local who = "#" .. text(mine.position)
  return not redis.call("ZSCORE", keys[6], who) and not redis.call("ZSCORE", keys[4], who)
end

local function close(keys)
  set(keys[1], "closed", 1)
  return 1
end

-- Answers what the port calls a state, seats as text that may be empty.
local function state(keys)
  return {
    number(keys[1], "lots"),
    number(keys[1], "closed"),
    number(keys[1], "drawn"),
    number(keys[1], "taken"),
    number(keys[1], "served"),
    number(keys[1], "lost"),
    redis.call("HGET", keys[1], "seats") or "",
  }
end

-- A place that we signed and have lost here.
local function again(keys, known)
  if not known or (known == 0 and number(keys[1], "closed") == 1) then
    return nil
  end
  if known == 0 then
    redis.call("HINCRBY", keys[1], "lots", 1)
  end
  if known < 0 and number(keys[1], "drawn") == 0 then
    set(keys[1], "late", math.max(number(keys[1], "late"), -known))
  end
  local position = placeIn(keys, known)
  if position > 0 and position <= number(keys[1], "lost") then
    return nil
  end
  set(keys[1], "taken", math.max(number(keys[1], "taken"), position))
  return position
end

local function nextPlace(keys, isOpening)
  redis.call("PEXPIRE", keys[1], keptMs)
  if number(keys[1], "drawn") == 1 then
    return redis.call("HINCRBY", keys[1], "taken", 1)
  end
  if isOpening or number(keys[1], "closed") == 1 then
    return -redis.call("HINCRBY", keys[1], "late", 1)
  end
  redis.call("HINCRBY", keys[1], "lots", 1)
  return 0
end

-- ARGV: lot, account, now, opening, place known or empty, stay. Answers the lot and the place, or nothing where another account has the lot.
local function join(keys, args)
  local account = args[2]
  local now, opensAt, known, stayMs = tonumber(args[3]), tonumber(args[4]), tonumber(args[5]), tonumber(args[6])
  local lot = redis.call("HGET", keys[3], account) or args[1]
  local mine = lotOf(keys[2], lot)
  if mine and mine.account ~= "0" and mine.account ~= account then
    return {}
  end
  bind(keys[3], account, lot)
  if mine then
    mine.account = account
    mine.position = placeIn(keys, mine.position)
    local missedDraw = mine.position == 0 and number(keys[1], "drawn") == 1
    if not missedDraw and not isLost(keys, mine, now, stayMs) then
      keep(keys[2], lot, mine)
      return { lot, mine.position }
    end
    known = nil
  end
  local position = again(keys, known) or nextPlace(keys, now >= opensAt)
  keep(keys[2], lot, { position = position, account = account, entered = 0 })
  return { lot, position }
end

-- ARGV: lot and account, and so on.
local function take(keys, args)
  for index = 1, #args, 2 do
    local lot, account = args[index], args[index + 1]
    if redis.call("HEXISTS", keys[2], lot) == 0 then
      keep(keys[2], lot, { position = 0, account = account, entered = 0 })
      bind(keys[3], account, lot)
      if number(keys[1], "drawn") == 0 then
        set(keys[1], "lots", number(keys[1], "lots") + 1)
      end
    end
  end
  return 1
end

-- ARGV: first place, then lots.
local function place(keys, args)
  for index = 2, #args do
    local mine = lotOf(keys[2], args[index]) or { account = "0", entered = 0 }
    mine.position = tonumber(args[1]) + index - 2
    keep(keys[2], args[index], mine)
  end
  return 1
end

-- ARGV: how many.
local function drawn(keys, args)
  if number(keys[1], "drawn") == 0 then
    set(keys[1], "closed", 1)
    set(keys[1], "drawn", 1)
    set(keys[1], "lots", args[1])
    set(keys[1], "taken", math.max(number(keys[1], "taken"), tonumber(args[1]) + number(keys[1], "late")))
  end
  return 1
end

-- ARGV: taken, served.
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

local function keepFree(keys, position, untilMs)
  redis.call("ZADD", keys[4], text(untilMs), "#" .. text(position))
end

-- Those who were called and found it full come before new calls, in the order of their places.
local function keepFreeForFull(keys, room, untilMs)
  if room <= 0 then
    return
  end
  for _, who in ipairs(redis.call("ZRANGE", keys[6], 0, room - 1)) do
    redis.call("ZREM", keys[6], who)
    redis.call("ZREM", keys[7], who)
    redis.call("ZADD", keys[4], text(untilMs), who)
  end
end

-- ARGV: how many, now, called for, kept for, inside at most, seats.
local function serve(keys, args)
  local now, activeMax = tonumber(args[2]), tonumber(args[5])
  local untilMs = now + tonumber(args[3])
  purge(keys, now)
  keepFreeForFull(keys, activeMax - redis.call("ZCARD", keys[4]), untilMs)
  local served, taken = number(keys[1], "served"), number(keys[1], "taken")
  local count = math.min(tonumber(args[1]), activeMax - redis.call("ZCARD", keys[4]))
  local to = math.max(served, math.min(taken, served + count))
  for position = served + 1, to do
    keepFree(keys, position, untilMs)
  end
  redis.call("PEXPIRE", keys[4], keptMs)
  local lost = noteCalls(keys[5], now, to, to > served, tonumber(args[4]))
  set(keys[1], "served", to)
  set(keys[1], "lost", math.max(number(keys[1], "lost"), lost))
  set(keys[1], "seats", args[6])
  return state(keys)
end

local function isRoomFor(keys, lot, position, activeMax)
  if redis.call("ZSCORE", keys[4], lot) or redis.call("ZREM", keys[4], "#" .. text(position)) == 1 then
    return true
  end
  local ahead = redis.call("ZCOUNT", keys[6], "-inf", "(" .. text(position))
  return redis.call("ZCARD", keys[4]) + ahead < activeMax
end

-- ARGV: lot, account, place signed, now, inside for, at most, stay. Answers the turn and the place.
local function enter(keys, args)
  local lot, account, now = args[1], args[2], tonumber(args[4])
  local untilMs = now + tonumber(args[5])
  local mine = lotOf(keys[2], lot) or { position = 0, account = account, entered = 0 }
  if mine.position == 0 then
    mine.position = tonumber(args[3])
  end
  mine.position = placeIn(keys, mine.position)
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
  purge(keys, now)
  if isLost(keys, mine, now, tonumber(args[7])) then
    redis.call("ZREM", keys[4], lot)
    return { "lost", mine.position }
  end
  local who = "#" .. text(mine.position)
  if not isRoomFor(keys, lot, mine.position, tonumber(args[6])) then
    redis.call("ZADD", keys[6], text(mine.position), who)
    redis.call("ZADD", keys[7], text(untilMs), who)
    redis.call("PEXPIRE", keys[6], keptMs)
    redis.call("PEXPIRE", keys[7], keptMs)
    return { "full", mine.position }
  end
  redis.call("ZREM", keys[6], who)
  redis.call("ZREM", keys[7], who)
  redis.call("ZADD", keys[4], text(untilMs), lot)
  redis.call("PEXPIRE", keys[4], keptMs)
  if mine.entered == 0 then
    mine.entered = now
    keep(keys[2], lot, mine)
  end
  return { "inside", mine.position }
end

-- ARGV: now.
local function inside(keys, args)
  redis.call("ZREMRANGEBYSCORE", keys[4], "-inf", args[1])
  return redis.call("ZCARD", keys[4])
end

return {
  state = state,
  join = join,
  take = take,
  close = close,
  place = place,
  drawn = drawn,
  raise = raise,
  serve = serve,
  enter = enter,
  inside = inside,
}

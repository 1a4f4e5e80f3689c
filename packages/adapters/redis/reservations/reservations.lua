-- Purchase limits. A claim is a record with its order, and entries under its account and run, and under each document:
--
--   record   the claim as JSON; "ended" once all of it was given back
--   bought   hash of an account and run:  order -> "until arrival live", live a bit a trip that is not given back
--   trips    hash of a document:          order -> "until departure arrival date account run"
--
-- `until` is when an entry ends by itself, by this node's clock; 0 once its order is known to be written. Record and `bought`
-- lie in the part of the account, `trips` in that of the document. ARGV[1] of what looks at entries is the arrival before which
-- trips limit nobody any more.

local function nowMs()
  local time = redis.call("TIME")
  return tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
end

-- A key is kept for so long after its last trip; entries that are forgotten meanwhile go with the next look.
local keptAfterArrivalMs = 3 * 24 * 3600 * 1000

local function keptForMs(arrival, now)
  return math.max(tonumber(arrival) - now, 0) + keptAfterArrivalMs
end

local function keepPast(key, arrival, now)
  local ttl = keptForMs(arrival, now)
  if redis.call("PTTL", key) < ttl then
    redis.call("PEXPIRE", key, ttl)
  end
end

-- Calls with order and text of each entry that still counts, and takes out the others.
local function eachEntry(key, arrivalPattern, forgottenBefore, now, call)
  local entries = redis.call("HGETALL", key)
  for index = 1, #entries, 2 do
    local order, text = entries[index], entries[index + 1]
    local ends, arrival = string.match(text, arrivalPattern)
    ends = tonumber(ends)
    if ends > 0 and ends <= now or tonumber(arrival) < forgottenBefore then
      redis.call("HDEL", key, order)
    else
      call(order, text)
    end
  end
end

local function bitCount(bits)
  local count = 0
  while bits > 0 do
    bits = bit.band(bits, bits - 1)
    count = count + 1
  end
  return count
end

-- KEYS: record, bought of each. ARGV: forgotten before, until after how many ms, tickets at most; then order, arrival, trips,
-- JSON of each. Answers for each "taken", "known" or "limit".
local function claim(keys, args)
  local now, forgottenBefore, limit = nowMs(), tonumber(args[1]), tonumber(args[3])
  local ends, answers = now + tonumber(args[2]), {}
  for index = 1, #keys / 2 do
    local record, bought = keys[index * 2 - 1], keys[index * 2]
    local order, arrival, trips, json = unpack(args, index * 4, index * 4 + 3)
    local known = redis.call("GET", record)
    local count = tonumber(trips)
    eachEntry(bought, "^(%d+) (%d+)", forgottenBefore, now, function(_, text)
      count = count + bitCount(tonumber(string.match(text, "%d+$")))
    end)
    if known and known ~= "ended" then
      answers[index] = "known"
    elseif count > limit then
      answers[index] = "limit"
    else
      redis.call("SET", record, json, "PX", keptForMs(arrival, now))
      redis.call("HSET", bought, order, string.format("%.0f %s %d", ends, arrival, 2 ^ tonumber(trips) - 1))
      keepPast(bought, arrival, now)
      answers[index] = "taken"
    end
  end
  return answers
end

-- KEYS: record, bought of each. ARGV: order, arrival, trips, JSON of each. What is claimed already, or was and ended by itself, is
-- claimed for good. Answers for each which trips are live, a bit each, and the record they are counted in; or "ended".
local function keep(keys, args)
  local now, answers = nowMs(), {}
  for index = 1, #keys / 2 do
    local record, bought = keys[index * 2 - 1], keys[index * 2]
    local order, arrival, trips, json = unpack(args, index * 4 - 3, index * 4)
    local known = redis.call("GET", record)
    if known == "ended" then
      answers[index] = "ended"
    else
      local entry = known and redis.call("HGET", bought, order)
      local live = entry and string.match(entry, "%d+$") or string.format("%d", 2 ^ tonumber(trips) - 1)
      if not entry then
        known = json
      end
      redis.call("SET", record, known, "PX", keptForMs(arrival, now))
      redis.call("HSET", bought, order, "0 " .. arrival .. " " .. live)
      keepPast(bought, arrival, now)
      answers[index] = live .. " " .. known
    end
  end
  return answers
end

-- KEYS: record, bought of each. ARGV: how to leave a record whose trips are all given back: "ended" or "forgotten"; for how many
-- ms it says so; then order and the trips to give back, a bit each, of each.
local function giveBack(keys, args)
  for index = 1, #keys / 2 do
    local record, bought = keys[index * 2 - 1], keys[index * 2]
    local order, given = args[index * 2 + 1], tonumber(args[index * 2 + 2])
    local entry = redis.call("HGET", bought, order)
    local rest, live = string.match(entry or "", "^(%d+ %d+ )(%d+)$")
    live = bit.band(tonumber(live or "0"), bit.bnot(given))
    if live > 0 then
      redis.call("HSET", bought, order, rest .. live)
    else
      redis.call("HDEL", bought, order)
      if args[1] == "ended" then
        redis.call("SET", record, "ended", "PX", args[2])
      else
        redis.call("DEL", record)
      end
    end
  end
  return 1
end

-- KEYS: records. Answers each, false where it is not known or ended.
local function records(keys)
  local answers = redis.call("MGET", unpack(keys))
  for index, record in ipairs(answers) do
    answers[index] = record ~= "ended" and record
  end
  return answers
end

-- Documents ---------------------------------------------------------------------------------------------------------------

-- Why the document cannot be on that trip, or nil.
local function inTheWay(key, forgottenBefore, now, dayLimit, trip)
  local order, account, date, departure, arrival = trip[1], trip[2], trip[4], tonumber(trip[5]), tonumber(trip[6])
  local sameDay, why, isKnown = 0, nil, false
  eachEntry(key, "^(%d+) %d+ (%d+)", forgottenBefore, now, function(otherOrder, text)
    local otherDeparture, otherArrival, otherDate, otherAccount, otherRun =
      string.match(text, "^%d+ (%d+) (%d+) (%S+) (%d+) (.+)$")
    if otherOrder == order then
      isKnown = true
    elseif not why and tonumber(otherDeparture) < arrival and departure < tonumber(otherArrival) then
      -- Where somebody travels whom another account has saved too is not this account's to know.
      why = "overlap " .. (otherAccount == account and otherRun or "")
    end
    if otherDate == date then
      sameDay = sameDay + 1
    end
  end)
  return not isKnown and (why or sameDay >= dayLimit and "day") or nil
end

local function addTrip(key, ends, trip, now)
  local order, account, run, date, departure, arrival = unpack(trip)
  redis.call("HSET", key, order, table.concat({ string.format("%.0f", ends), departure, arrival, date, account, run }, " "))
  keepPast(key, arrival, now)
end

-- KEYS: trips of each. ARGV: forgotten before, until after how many ms, tickets a day at most; then order, account, run, date,
-- departure, arrival of each. Answers for each "taken", "overlap" and the run in the way where it may be told, or "day".
local function travel(keys, args)
  local now, forgottenBefore, dayLimit = nowMs(), tonumber(args[1]), tonumber(args[3])
  local ends, answers = now + tonumber(args[2]), {}
  for index, key in ipairs(keys) do
    local trip = { unpack(args, index * 6 - 2, index * 6 + 3) }
    local why = inTheWay(key, forgottenBefore, now, dayLimit, trip)
    if not why then
      addTrip(key, ends, trip, now)
    end
    answers[index] = why or "taken"
  end
  return answers
end

-- KEYS: trips of each. ARGV: order, account, run, date, departure, arrival of each.
local function keepTravel(keys, args)
  local now = nowMs()
  for index, key in ipairs(keys) do
    addTrip(key, 0, { unpack(args, index * 6 - 5, index * 6) }, now)
  end
  return 1
end

-- KEYS: trips of each. ARGV: order of each.
local function stay(keys, args)
  for index, key in ipairs(keys) do
    redis.call("HDEL", key, args[index])
  end
  return 1
end

return {
  claim = claim,
  keep = keep,
  giveBack = giveBack,
  records = records,
  travel = travel,
  keepTravel = keepTravel,
  stay = stay,
}

-- Purchase limits. A claim is of one line of an order, here called an order: its id for line 0, and "id:line" for any other. It is a
-- record with its order, and entries under its account and run, and under each document:
--
--   record   the claim as JSON; "ended" once all of it was given back
--   bought   hash of an account and run:  order -> "until arrival live", live a bit a trip that is not given back
--   unpaid   hash of an account:          id -> "until day kind state", state "open", "paid" or "cancelled": once for all lines
--   trips    hash of a document:          order -> "until departure arrival date account run", and where they are known, each behind a
--                                                  tab, the stations at which it begins and ends
--   cancels  hash of a document:          id -> "day kind"
--
-- `until` is when an entry ends by itself, by this node's clock; 0 once its order is known to be written. That of `unpaid` is when
-- the time to pay is over, by the clock of those who buy. `day` is the railway's day on which the order was bought, `kind` "standing" or
-- "seated". Record, `bought` and `unpaid` lie in the part of the account, `trips` and `cancels` in that of the document. ARGV[1] of what looks at entries is the arrival before which
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

-- Hoarding ----------------------------------------------------------------------------------------------------------------

-- Longer than a purchase can be open, and than a day.
local keptUnpaidMs = 3 * 24 * 3600 * 1000

-- The id of the order, whichever of its lines is named.
local function idOf(order)
  return string.match(order, "^%d+")
end

local function setUnpaid(key, order, till, day, kind, state)
  redis.call("HSET", key, idOf(order), table.concat({ till, day, kind, state }, " "))
  redis.call("PEXPIRE", key, keptUnpaidMs)
end

-- Whether so many orders that ended unpaid are too many for a day.
local function isTooOften(seated, standing, cancelsMax, standingPerOne)
  local ofStanding = standingPerOne > 0 and math.floor(standing / standingPerOne) or 0
  return cancelsMax > 0 and seated + ofStanding >= cancelsMax
end

-- Why the account may not open an order now, or nil. Takes out what says nothing about this day or a later one.
local function hoarded(key, own, at, day, unpaidMax, cancelsMax, standingPerOne)
  local open, oldest, seated, standing = 0, nil, 0, 0
  local entries = redis.call("HGETALL", key)
  for index = 1, #entries, 2 do
    local order = entries[index]
    local till, itsDay, kind, state = string.match(entries[index + 1], "^(%d+) (%S+) (%S+) (%S+)$")
    if state == "cancelled" then
      if itsDay < day then
        redis.call("HDEL", key, order)
      elseif itsDay == day and kind == "standing" then
        standing = standing + 1
      elseif itsDay == day then
        seated = seated + 1
      end
    elseif tonumber(till) <= at then
      redis.call("HDEL", key, order)
    elseif state == "open" and order ~= own then
      open = open + 1
      if not oldest or tonumber(order) < tonumber(oldest) then
        oldest = order
      end
    end
  end
  if unpaidMax > 0 and open >= unpaidMax then
    return "open " .. oldest
  end
  return isTooOften(seated, standing, cancelsMax, standingPerOne) and "cancelled" or nil
end

-- KEYS: unpaid of each. ARGV: order, until, day, kind of each. How they are to stand there, whatever was there before.
local function setAll(keys, args, state)
  for index, key in ipairs(keys) do
    local order, till, day, kind = unpack(args, index * 4 - 3, index * 4)
    setUnpaid(key, order, till, day, kind, state)
  end
  return 1
end

local function paid(keys, args)
  return setAll(keys, args, "paid")
end

local function cancelled(keys, args)
  return setAll(keys, args, "cancelled")
end

-- Accounts ----------------------------------------------------------------------------------------------------------------

-- KEYS: record, bought, unpaid of each. ARGV: forgotten before, until after how many ms, tickets at most, unpaid orders, cancelled ones a
-- day, cancelled ones for standing room that count as one; then order, arrival, trips, JSON, when it is bought, how many tickets of the
-- same run it is to replace, and until, day, kind of each. Answers for each "taken", "known", "limit", "cancelled", or "open" and the order that is.
local function reserve(keys, args)
  local now, forgottenBefore, limit = nowMs(), tonumber(args[1]), tonumber(args[3])
  local unpaidMax, cancelsMax, standingPerOne = tonumber(args[4]), tonumber(args[5]), tonumber(args[6])
  local ends, answers = now + tonumber(args[2]), {}
  for index = 1, #keys / 3 do
    local record, bought, unpaid = unpack(keys, index * 3 - 2, index * 3)
    local order, arrival, trips, json, at, replaced, till, day, kind = unpack(args, index * 9 - 2, index * 9 + 6)
    local known = redis.call("GET", record)
    local count = tonumber(trips)
    eachEntry(bought, "^(%d+) (%d+)", forgottenBefore, now, function(_, text)
      count = count + bitCount(tonumber(string.match(text, "%d+$")))
    end)
    local isKnown = known and known ~= "ended"
    local why = not isKnown and hoarded(unpaid, idOf(order), tonumber(at), day, unpaidMax, cancelsMax, standingPerOne)
    if isKnown then
      answers[index] = "known"
    elseif why then
      answers[index] = why
    elseif count > limit + tonumber(replaced) then
      answers[index] = "limit"
    else
      if till ~= "0" then
        setUnpaid(unpaid, order, till, day, kind, "open")
      end
      redis.call("SET", record, json, "PX", keptForMs(arrival, now))
      redis.call("HSET", bought, order, string.format("%.0f %s %d", ends, arrival, 2 ^ tonumber(trips) - 1))
      keepPast(bought, arrival, now)
      answers[index] = "taken"
    end
  end
  return answers
end

-- KEYS: record, bought, unpaid of each. ARGV: order, arrival, trips, JSON, until, day, kind of each; until is 0 where nothing has to be paid
-- for any more. What is claimed already, or was and ended by itself, is
-- claimed for good. Answers for each which trips are live, a bit each, and the record they are counted in; or "ended".
local function keep(keys, args)
  local now, answers = nowMs(), {}
  for index = 1, #keys / 3 do
    local record, bought, unpaid = unpack(keys, index * 3 - 2, index * 3)
    local order, arrival, trips, json, till, day, kind = unpack(args, index * 7 - 6, index * 7)
    local known = redis.call("GET", record)
    if known == "ended" then
      answers[index] = "ended"
    else
      if till == "0" then
        redis.call("HDEL", unpaid, idOf(order))
      elseif redis.call("HEXISTS", unpaid, idOf(order)) == 0 then
        setUnpaid(unpaid, order, till, day, kind, "open")
      end
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

-- KEYS: record, bought, unpaid of each. ARGV: how to leave a record whose trips are all given back: "ended" or "forgotten"; for how many
-- ms it says so; then order, the trips to give back, a bit each, and the day and kind of one that ended unpaid, else "-", of each.
local function release(keys, args)
  for index = 1, #keys / 3 do
    local record, bought, unpaid = unpack(keys, index * 3 - 2, index * 3)
    local order, given, day, kind = unpack(args, index * 4 - 1, index * 4 + 2)
    given = tonumber(given)
    local entry = redis.call("HGET", bought, order)
    local rest, live = string.match(entry or "", "^(%d+ %d+ )(%d+)$")
    live = bit.band(tonumber(live or "0"), bit.bnot(given))
    if live > 0 then
      redis.call("HSET", bought, order, rest .. live)
    else
      redis.call("HDEL", bought, order)
      if day == "-" then
        redis.call("HDEL", unpaid, idOf(order))
      else
        setUnpaid(unpaid, order, "0", day, kind, "cancelled")
      end
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

-- Why the document cannot be on that trip, or nil; what the trip is to replace is in nobody's way. From one train to another it takes `gap`, from one station to another `otherGap`.
local function inTheWay(key, forgottenBefore, now, dayLimit, gap, otherGap, trip)
  local order, account, run, date = trip[1], trip[2], trip[3], trip[4]
  local departure, arrival = tonumber(trip[5]), tonumber(trip[6])
  local from, to = string.match(trip[7], "^([^\t]+)\t([^\t]+)$")
  local replaced = trip[8]
  local sameDay, why, isClose, isKnown = 0, nil, false, false
  eachEntry(key, "^(%d+) %d+ (%d+)", forgottenBefore, now, function(otherOrder, text)
    local otherDeparture, otherArrival, otherDate, otherAccount, otherRun, stations =
      string.match(text, "^%d+ (%d+) (%d+) (%S+) (%d+) ([^\t]+)(.*)$")
    local otherFrom, otherTo = string.match(stations, "^\t([^\t]+)\t([^\t]+)$")
    if otherOrder == replaced then
      return
    end
    if otherOrder == order then
      isKnown = true
    elseif not why or isClose then
      -- How far the later of the two leaves after the other has arrived.
      local after, before = tonumber(otherDeparture) - arrival, departure - tonumber(otherArrival)
      local apart = math.max(after, before)
      local ends, starts = to, otherFrom
      if before > after then
        ends, starts = otherTo, from
      end
      local least = ends and starts and ends ~= starts and otherGap or gap
      local what = apart < 0 and "overlap " or not why and apart < least and otherRun ~= run and "close " or nil
      -- Where a passenger travels whom another account has saved too is not this account's to know.
      why = what and what .. (otherAccount == account and otherRun or "") or why
      isClose = what == "close " or isClose and what == nil
    end
    if otherDate == date then
      sameDay = sameDay + 1
    end
  end)
  return not isKnown and (why or dayLimit > 0 and sameDay >= dayLimit and "day") or nil
end

local function addTrip(key, ends, trip, now)
  local order, account, run, date, departure, arrival, stations = unpack(trip)
  local where = stations == "" and run or run .. "\t" .. stations
  redis.call("HSET", key, order, table.concat({ string.format("%.0f", ends), departure, arrival, date, account, where }, " "))
  keepPast(key, arrival, now)
end

-- Whether too many orders with that document have ended unpaid, of those bought on that day. Takes out those of days before.
local function isCancelledTooOften(key, day, cancelsMax, standingPerOne)
  if cancelsMax == 0 then
    return false
  end
  local seated, standing = 0, 0
  local entries = redis.call("HGETALL", key)
  for index = 1, #entries, 2 do
    local itsDay, kind = string.match(entries[index + 1], "^(%S+) (%S+)$")
    if itsDay < day then
      redis.call("HDEL", key, entries[index])
    elseif itsDay == day and kind == "standing" then
      standing = standing + 1
    elseif itsDay == day then
      seated = seated + 1
    end
  end
  return isTooOften(seated, standing, cancelsMax, standingPerOne)
end

-- KEYS: trips, cancels of each. ARGV: forgotten before, until after how many ms, tickets a day at most, cancelled orders a day, those for
-- standing room that count as one, ms between trains, and between trains of two stations; then order, account, run, date, departure, arrival,
-- stations with a tab between or nothing, the order that it is to replace or nothing, and the day on which it is bought of each. Answers for each "taken", "overlap" or "close" and the run in the way where it may be told, "day" or "cancelled".
local function travel(keys, args)
  local now, forgottenBefore, dayLimit = nowMs(), tonumber(args[1]), tonumber(args[3])
  local cancelsMax, standingPerOne = tonumber(args[4]), tonumber(args[5])
  local gap, otherGap = tonumber(args[6]), tonumber(args[7])
  local ends, answers = now + tonumber(args[2]), {}
  for index = 1, #keys / 2 do
    local key, cancels = keys[index * 2 - 1], keys[index * 2]
    local trip = { unpack(args, index * 9 - 1, index * 9 + 6) }
    local why = inTheWay(key, forgottenBefore, now, dayLimit, gap, otherGap, trip)
    if not why and isCancelledTooOften(cancels, args[index * 9 + 7], cancelsMax, standingPerOne) then
      why = "cancelled"
    end
    if not why then
      addTrip(key, ends, trip, now)
    end
    answers[index] = why or "taken"
  end
  return answers
end

-- KEYS: trips of each. ARGV: order, account, run, date, departure, arrival, stations of each.
local function keepTravel(keys, args)
  local now = nowMs()
  for index, key in ipairs(keys) do
    addTrip(key, 0, { unpack(args, index * 7 - 6, index * 7) }, now)
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

-- KEYS: trips, cancels of each. ARGV: order, and day and kind of one that ended unpaid, of each.
local function endUnpaid(keys, args)
  for index = 1, #keys / 2 do
    local order, day, kind = unpack(args, index * 3 - 2, index * 3)
    redis.call("HDEL", keys[index * 2 - 1], order)
    redis.call("HSET", keys[index * 2], idOf(order), day .. " " .. kind)
    redis.call("PEXPIRE", keys[index * 2], keptUnpaidMs)
  end
  return 1
end

return {
  paid = paid,
  cancelled = cancelled,
  endUnpaid = endUnpaid,
  reserve = reserve,
  keep = keep,
  release = release,
  records = records,
  travel = travel,
  keepTravel = keepTravel,
  stay = stay,
}

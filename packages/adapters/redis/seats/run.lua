-- A run as the functions read and write it. Its keys share a hash tag:
--
--   KEYS[1]  holds   hash: "plan" and "digest", how the seats lie; "stamp", see below; "gone" once the run is retired; what may
--                    be sold of it, see offers.lua; "waits" and "classes", see waitlist.lua; and by hold "class from to deadline state live
--                    seats": state h held, g held for who waited for it, c confirmed; live a bit a seat that is not given back yet
--   KEYS[2]  taken   string: for every seat of the train, over which segments it is taken
--   KEYS[3]  due     sorted set of holds by the time they are to be asked about
--   KEYS[4]  waiting, KEYS[5] needs: who waits for seats, see waitlist.lua
--
-- A hold is named by its id, an order's, for that order's line 0, and by "id:line" for any other. Both are called an id here.
--
-- These keys are the whole truth. What choosing needs is derived from `taken` and kept in memory between calls, because deriving
-- it takes longer than choosing. It counts only while its stamp is the one in the keys. Every change of `taken` writes a new one,
-- of the call and of the node that carries it out, so a node that was a replica meanwhile, or lost writes, does not believe what
-- it remembers.

local unpack = unpack

-- Runs remembered, at most twice as many: those used lately, and those used before.
local rememberedMax = 2000
local lately, before, latelyCount = {}, {}, 0

-- Different on every node, and after every start of one.
local here = string.match(tostring(lately), "%x+$")

local function remember(key, run)
  if latelyCount >= rememberedMax then
    before, lately, latelyCount = lately, {}, 0
  end
  lately[key] = run
  latelyCount = latelyCount + 1
end

local function recall(key)
  local run = lately[key]
  if not run then
    run = before[key]
    if run then
      remember(key, run)
    end
  end
  return run
end

-- Holds -------------------------------------------------------------------------------------------------------------------

local function readHold(text)
  local class, from, to, deadline, state, live, seats = string.match(text, "^(%d+) (%d+) (%d+) (%d+) (%a) (%d+) (.+)$")
  local hold = {
    class = tonumber(class),
    from = tonumber(from),
    to = tonumber(to),
    deadline = deadline,
    state = state,
    live = tonumber(live),
    seats = {},
  }
  for seat in string.gmatch(seats, "%d+") do
    hold.seats[#hold.seats + 1] = tonumber(seat)
  end
  return hold
end

local function written(hold)
  return hold.class
    .. " "
    .. hold.from
    .. " "
    .. hold.to
    .. " "
    .. hold.deadline
    .. " "
    .. hold.state
    .. " "
    .. hold.live
    .. " "
    .. table.concat(hold.seats, ",")
end

-- Seats of a hold that are not given back.
local function liveSeats(hold)
  local count, live = 0, hold.live
  while live ~= 0 do
    count, live = count + 1, band(live, live - 1)
  end
  return count
end

-- What was set for the sale of the run, with the holds counted where quotas are new.
local function readOffers(keys, run)
  local fields = {}
  for class = 1, #run.stocks do
    fields[#fields + 1] = "gate " .. class
    fields[#fields + 1] = "quotas " .. class
    fields[#fields + 1] = "withdrawn " .. class
  end
  local texts = redis.call("HMGET", keys[1], unpack(fields))
  local offers, uncounted = {}, {}
  for class = 1, #run.stocks do
    offers[class] = offerOf(texts[3 * class - 2], texts[3 * class - 1], run.offers[class])
    setWithdrawn(run.stocks[class], texts[3 * class])
    if offers[class] and not offers[class].isCounted then
      uncounted[class] = offers[class]
    end
  end
  local all = next(uncounted) and redis.call("HGETALL", keys[1]) or {}
  for index = 1, #all, 2 do
    local hold = string.find(all[index], "^%d") and readHold(all[index + 1])
    local offer = hold and uncounted[hold.class]
    if offer then
      countInQuotas(offer, hold.from, hold.to, liveSeats(hold))
    end
  end
  return offers
end

-- The run whose stamp, digest and mark of offers were just read. The plan must be there.
local function runAt(keys, digest, stamp, mark)
  local run = recall(keys[1])
  if run and run.stamp == stamp and run.digest == digest then
    if run.mark ~= mark then
      run.offers, run.mark = readOffers(keys, run), mark
    end
    return run
  end
  local plan = planOf(redis.call("HGET", keys[1], "plan"))
  local taken = redis.call("GET", keys[2]) or ""
  local fresh = { stamp = stamp, digest = digest, plan = plan, stocks = {}, offers = {}, mark = mark }
  for class = 1, #plan.layouts do
    fresh.stocks[class] = openStock(plan, class, taken)
  end
  if mark then
    fresh.offers = readOffers(keys, fresh)
  end
  if run then
    lately[keys[1]] = fresh
  else
    remember(keys[1], fresh)
  end
  return fresh
end

-- What a call changes, written at its end: the ledger, then the holds and the stamp, then the index.
local function changesOf(keys, run)
  return { keys = keys, run = run, seats = {}, fields = {}, due = {}, undue = {}, steps = {} }
end

-- Until its deadline it is asked about.
local function isOpen(hold)
  return (hold.state == "h" or hold.state == "g") and hold.live > 0
end

-- Takes a seat or gives it back. From here until all is written nobody may believe what is remembered.
local function change(changes, how, class, seat, from, to)
  local run = changes.run
  run.stamp = nil
  how(run.stocks[class], seat, from, to)
  if run.offers[class] then
    countInQuotas(run.offers[class], from, to, how == takeSeat and 1 or -1)
  end
  changes.seats[run.plan.firstSeat[class] + seat] = run.stocks[class].masks[seat] or run.plan.noMask
end

local function noteHold(changes, id, text)
  table.insert(changes.fields, id)
  table.insert(changes.fields, text)
end

local function noteDue(changes, at, id)
  table.insert(changes.due, at)
  table.insert(changes.due, id)
end

-- All seats of a hold that nobody knows yet.
local function addHold(changes, id, hold)
  for _, seat in ipairs(hold.seats) do
    change(changes, takeSeat, hold.class, seat, hold.from, hold.to)
  end
  hold.live = 2 ^ #hold.seats - 1
  noteHold(changes, id, written(hold))
  if isOpen(hold) then
    noteDue(changes, hold.deadline, id)
  end
end

-- Who waits has changed, or when they are to be served.
local function noteWaiting(changes, newStamp)
  local run, waits = changes.run, nil
  if redis.call("ZCARD", changes.keys[4]) > 0 then
    waits = newStamp .. " " .. (run.serveAt < math.huge and string.format("%.0f", run.serveAt) or "-")
    noteHold(changes, "waits", waits)
  else
    redis.call("HDEL", changes.keys[1], "waits")
  end
  run.waits = waits or false
  changes.waiting.text = run.waits
end

local function write(changes, stamp)
  local keys, run, newStamp = changes.keys, changes.run, stamp and stamp .. here
  if changes.waiting then
    noteWaiting(changes, newStamp)
  end
  for at, mask in pairs(changes.seats) do
    redis.call("SETRANGE", keys[2], at * run.plan.maskBytes, mask)
  end
  if next(changes.seats) then
    noteHold(changes, "stamp", newStamp)
  end
  if #changes.fields > 0 then
    redis.call("HSET", keys[1], unpack(changes.fields))
  end
  if #changes.due > 0 then
    redis.call("ZADD", keys[3], unpack(changes.due))
  end
  if #changes.undue > 0 then
    redis.call("ZREM", keys[3], unpack(changes.undue))
  end
  if next(changes.seats) then
    run.stamp = newStamp
  end
end

-- "PLAN" where the run has no plan, or another than the caller's: it is to be opened first.
local function stateOf(keys, digest, ids)
  local state = redis.call("HMGET", keys[1], "gone", "digest", "stamp", "offers", "waits", unpack(ids or {}))
  local isGone, known, stamp, mark, waits = state[1], state[2], state[3], state[4], state[5]
  if isGone then
    return nil, "GONE", state
  end
  if not known or known ~= digest then
    return nil, "PLAN", state
  end
  local run = runAt(keys, digest, stamp, mark)
  run.waits, run.serveAt = waits, serveAtIn(waits)
  return run, nil, state
end

-- The run as it is, whoever asks: for what says nothing of seats that the caller would have to know.
local function ownState(keys)
  return stateOf(keys, redis.call("HGET", keys[1], "digest"))
end

-- In what `stateOf` read, where the texts of the holds begin.
local firstHold = 6

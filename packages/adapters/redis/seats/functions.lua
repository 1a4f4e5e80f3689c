-- What the program calls. Every function is one step on one run, whose keys share a hash tag:
--
--   KEYS[1]  holds   hash: "plan" and "digest", how the seats lie; "stamp", see below; "gone" once the run is retired; and by
--                    hold id "class from to deadline state live seats": state h held, c confirmed; live a bit a seat that is
--                    not given back yet
--   KEYS[2]  taken   string: for every seat of the train, over which segments it is taken
--   KEYS[3]  due     sorted set of hold ids by the time they are to be asked about
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

-- The run whose stamp and digest were just read. The plan must be there.
local function runAt(keys, digest, stamp)
  local run = recall(keys[1])
  if run and run.stamp == stamp and run.digest == digest then
    return run
  end
  local plan = planOf(redis.call("HGET", keys[1], "plan"))
  local taken = redis.call("GET", keys[2]) or ""
  local fresh = { stamp = stamp, digest = digest, plan = plan, stocks = {} }
  for class = 1, #plan.layouts do
    fresh.stocks[class] = openStock(plan, class, taken)
  end
  if run then
    lately[keys[1]] = fresh
  else
    remember(keys[1], fresh)
  end
  return fresh
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

-- What a call changes, written at its end: the ledger, then the holds and the stamp, then the index.
local function changesOf(keys, run)
  return { keys = keys, run = run, seats = {}, fields = {}, due = {}, undue = {} }
end

-- Takes a seat or gives it back. From here until all is written nobody may believe what is remembered.
local function change(changes, how, class, seat, from, to)
  local run = changes.run
  run.stamp = nil
  how(run.stocks[class], seat, from, to)
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
  if hold.state == "h" then
    noteDue(changes, hold.deadline, id)
  end
end

local function write(changes, stamp)
  local keys, run, newStamp = changes.keys, changes.run, stamp and stamp .. here
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
  local state = redis.call("HMGET", keys[1], "gone", "digest", "stamp", unpack(ids or {}))
  local isGone, known, stamp = state[1], state[2], state[3]
  if isGone then
    return nil, "GONE", state
  end
  if not known or known ~= digest then
    return nil, "PLAN", state
  end
  return runAt(keys, digest, stamp), nil, state
end

local function hasSeats(run, class, from, to)
  return countFree(run.stocks[class], from, to, 1) > 0
end

local function isWaiting(run, class, from, to)
  return class == run.plan.standing and hasSeats(run, run.plan.parent, from, to)
end

local function isImpossible(layout, wishes)
  for wish in string.gmatch(wishes, ".") do
    if not layout.masks[wish] then
      return true
    end
  end
  return false
end

-- Seats, or why not.
local function decide(run, class, from, to, wishes)
  local stock = run.stocks[class]
  if not stock then
    return nil, "ClassNotOffered"
  end
  if isImpossible(stock.layout, wishes) then
    return nil, "PreferenceImpossible"
  end
  if isWaiting(run, class, from, to) then
    return nil, "StandingNotYet"
  end
  local seats = chooseSeats(stock, from, to, wishes)
  return seats, "SoldOut"
end

-- ARGV: now, digest, stamp, then "id class from to deadline wishes" of each command.
-- Answers for each its seats, or a refusal's code; or "PLAN".
local function hold(keys, args)
  local now, digest, stamp = tonumber(args[1]), args[2], args[3]
  local ids = {}
  for index = 4, #args do
    ids[index - 3] = string.match(args[index], "^%d+")
  end
  local run, why, state = stateOf(keys, digest, ids)
  if why == "PLAN" then
    return why
  end

  local answers, decided, changes = {}, {}, changesOf(keys, run)
  for index, id in ipairs(ids) do
    local class, from, to, deadline, wishes = string.match(args[index + 3], " (%d+) (%d+) (%d+) (%d+) (.+)$")
    local known = decided[id] or state[index + 3] and readHold(state[index + 3])
    if known then
      answers[index] = known.live == 0 and "HoldExpired" or table.concat(known.seats, ",")
    elseif tonumber(deadline) <= now then
      answers[index] = "HoldExpired"
    elseif not run then
      answers[index] = "SaleClosed"
    else
      class, from, to = tonumber(class), tonumber(from), tonumber(to)
      local seats, refusal = decide(run, class, from, to, wishes)
      if seats then
        decided[id] = { class = class, from = from, to = to, deadline = deadline, state = "h", seats = seats }
        addHold(changes, id, decided[id])
      end
      answers[index] = seats and table.concat(seats, ",") or refusal
    end
  end
  write(changes, stamp)
  return answers
end

-- ARGV: ids. Unknown and released ones are ignored.
local function confirm(keys, args)
  local texts = redis.call("HMGET", keys[1], unpack(args))
  local changes = changesOf(keys, nil)
  for index, text in ipairs(texts) do
    local known = text and readHold(text)
    if known and known.state == "h" and known.live > 0 then
      known.state = "c"
      noteHold(changes, args[index], written(known))
      table.insert(changes.undue, args[index])
    end
  end
  write(changes, nil)
  return #changes.undue
end

-- Gives back the live seats of a hold that are meant: all, or those in a list like "3,4". Answers them.
local function letGo(changes, hold, meant)
  local freed = {}
  for place, seat in ipairs(hold.seats) do
    local isMeant = meant == "" or string.find("," .. meant .. ",", "," .. seat .. ",", 1, true)
    local bitOfPlace = lshift(1, place - 1)
    if isMeant and band(hold.live, bitOfPlace) ~= 0 then
      hold.live = bxor(hold.live, bitOfPlace)
      change(changes, giveSeat, hold.class, seat, hold.from, hold.to)
      table.insert(freed, seat)
    end
  end
  return freed
end

-- ARGV: stamp, then "id" or "id seats" of each. Answers for each the seats that were held until now.
local function release(keys, args)
  local ids, meant = {}, {}
  for index = 2, #args do
    ids[index - 1], meant[index - 1] = string.match(args[index], "^(%d+) ?(.*)$")
  end
  local digest = redis.call("HGET", keys[1], "digest")
  local run, _, state = stateOf(keys, digest, ids)
  local answers, decided, changes = {}, {}, changesOf(keys, run)
  for index, id in ipairs(ids) do
    local known = run and (decided[id] or state[index + 3] and readHold(state[index + 3]))
    local freed = known and letGo(changes, known, meant[index]) or {}
    if #freed > 0 then
      decided[id] = known
      noteHold(changes, id, written(known))
      -- Forgotten by `overdue` once a late copy would be refused for its deadline; one without is kept as long as its run.
      if known.live == 0 and known.deadline ~= "0" then
        noteDue(changes, known.deadline, id)
      end
    end
    answers[index] = table.concat(freed, ",")
  end
  write(changes, args[1])
  return answers
end

local function isWholeAndFree(stock, hold)
  for _, seat in ipairs(hold.seats) do
    if not stock or seat >= stock.layout.seatCount or not isFree(stock, seat, hold.from, hold.to) then
      return false
    end
  end
  return true
end

-- ARGV: digest, stamp, then "id class from to deadline seats" of each, deadline 0 for a confirmed one. Ids that are known are
-- left as they are, but for those that `again` takes: whose seats were all given back. Answers the ids of those whose seats are
-- taken; or "PLAN".
local function putBack(keys, args, again)
  local digest, stamp, ids = args[1], args[2], {}
  for index = 3, #args do
    ids[index - 2] = string.match(args[index], "^%d+")
  end
  local run, why, state = stateOf(keys, digest, ids)
  if why == "PLAN" then
    return why
  end
  local lost, decided, changes = {}, {}, changesOf(keys, run)
  for index, id in ipairs(run and ids or {}) do
    local known = state[index + 3]
    if not decided[id] and (not known or again and readHold(known).live == 0) then
      local way, deadline, seats = string.match(args[index + 2], "^%d+ (%d+ %d+ %d+) (%d+) (.+)$")
      local fresh = readHold(way .. " " .. deadline .. (deadline == "0" and " c" or " h") .. " 0 " .. seats)
      if isWholeAndFree(run.stocks[fresh.class], fresh) then
        addHold(changes, id, fresh)
        decided[id] = true
      else
        table.insert(lost, id)
      end
    end
  end
  write(changes, stamp)
  return lost
end

local function restore(keys, args)
  return putBack(keys, args, false)
end

local function retake(keys, args)
  return putBack(keys, args, true)
end

-- ARGV: digest, plan. Says how the seats lie, unless that is known. It may change only while nothing is taken.
local function open(keys, args)
  local digest, plan = args[1], args[2]
  local state = redis.call("HMGET", keys[1], "gone", "digest")
  if state[1] or state[2] == digest then
    return "OK"
  end
  if state[2] and string.find(redis.call("GET", keys[2]) or "", "[^%z]") then
    return "CONFLICT"
  end
  redis.call("DEL", keys[2])
  redis.call("HDEL", keys[1], "stamp")
  redis.call("HSET", keys[1], "digest", digest, "plan", plan)
  return "OK"
end

-- ARGV: now, limit, when to ask again. Answers when the next is to be asked about (empty where none is left), then ids of
-- unconfirmed holds whose time has come. Forgets released ones.
local function overdue(keys, args)
  local now, limit, askAgainAt = args[1], tonumber(args[2]), args[3]
  local found = {}
  while #found < limit do
    local ids = redis.call("ZRANGE", keys[3], "-inf", now, "BYSCORE", "LIMIT", 0, limit)
    if #ids == 0 then
      break
    end
    local changes = changesOf(keys, nil)
    local forgotten = {}
    for index, text in ipairs(redis.call("HMGET", keys[1], unpack(ids))) do
      local known = text and readHold(text)
      if known and known.state == "h" and known.live > 0 then
        -- More than are wanted are left for the next look.
        if #found < limit then
          table.insert(found, ids[index])
          noteDue(changes, askAgainAt, ids[index])
        end
      else
        table.insert(changes.undue, ids[index])
        if known and known.live == 0 then
          table.insert(forgotten, ids[index])
        end
      end
    end
    write(changes, nil)
    if #forgotten > 0 then
      redis.call("HDEL", keys[1], unpack(forgotten))
    end
  end
  local upcoming = redis.call("ZRANGE", keys[3], 0, 0, "WITHSCORES")
  return { upcoming[2] or "", unpack(found) }
end

-- ARGV: for how many seconds to remember that the run is gone. Answers 1 where it was there.
local function retire(keys, args)
  local state = redis.call("HMGET", keys[1], "gone", "digest")
  redis.call("UNLINK", keys[1], keys[2], keys[3])
  redis.call("HSET", keys[1], "gone", 1)
  redis.call("EXPIRE", keys[1], args[1])
  lately[keys[1]], before[keys[1]] = nil, nil
  return not state[1] and state[2] and 1 or 0
end

-- Reading -----------------------------------------------------------------------------------------------------------------

-- A run without a plan, or with another one while nothing is taken, is free all over: "PLAN".
local function runToRead(keys, digest)
  local run, why, state = stateOf(keys, digest)
  if why == "PLAN" and state[2] and string.find(redis.call("GET", keys[2]) or "", "[^%z]") then
    why = "CONFLICT"
  end
  return run, why
end

-- ARGV: digest, then "from to" of each way. Answers for each the free seats of each class; or "PLAN", "GONE", "CONFLICT".
local function available(keys, args)
  local run, why = runToRead(keys, args[1])
  if not run then
    return why
  end
  local answers = {}
  for index = 2, #args do
    local from, to = string.match(args[index], "^(%d+) (%d+)$")
    from, to = tonumber(from), tonumber(to)
    local counts = {}
    for class, stock in ipairs(run.stocks) do
      counts[class] = isWaiting(run, class, from, to) and 0 or countFree(stock, from, to, math.huge)
    end
    answers[index - 1] = table.concat(counts, ",")
  end
  return answers
end

-- ARGV: digest, class, from, to. Answers words of 32 seats, a bit each where it is free; or "PLAN", "GONE", "CONFLICT".
local function freeSeats(keys, args)
  local run, why = runToRead(keys, args[1])
  if not run then
    return why
  end
  local stock = run.stocks[tonumber(args[2])]
  local words = emptyWords(stock.layout.seatCount)
  eachSetAround(stock, tonumber(args[3]), tonumber(args[4]), function(_, set)
    for word, seats in pairs(set.words) do
      words[word] = bor(words[word], seats)
    end
  end)
  return words
end

return {
  hold = hold,
  confirm = confirm,
  release = release,
  restore = restore,
  retake = retake,
  open = open,
  overdue = overdue,
  retire = retire,
  available = available,
  freeSeats = freeSeats,
}

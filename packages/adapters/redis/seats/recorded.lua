-- Holds that are told as they were sold: after a loss, and where what is known is not that.

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

-- "id class from to deadline seats" as a hold, deadline 0 for a confirmed one.
local function readRecorded(text)
  local way, deadline, seats = string.match(text, "^[%d:]+ (%d+ %d+ %d+) (%d+) (.+)$")
  return readHold(way .. " " .. deadline .. (deadline == "0" and " c" or " h") .. " 0 " .. seats)
end

local function isFreeFor(run, hold, seat)
  local stock = run.stocks[hold.class]
  return stock and seat < stock.layout.seatCount and isFree(stock, seat, hold.from, hold.to)
end

local function isWholeAndFree(run, hold)
  for _, seat in ipairs(hold.seats) do
    if not isFreeFor(run, hold, seat) then
      return false
    end
  end
  return true
end

-- Of a step that does not know the time: the next one serves, which does. The last seats may be gone before which nobody stands, or
-- some came back. Those who are named wait no more.
local function leaveServing(changes, names)
  if changes.run.waits then
    endNeeds(changes, names)
    changeWaiting(changes)
    changes.run.serveAt = 0
  end
end

-- ARGV: digest, stamp, then as `readRecorded` reads it each. Ids that are known are left as they are. Answers the ids of those whose
-- seats are taken; or "PLAN".
local function reload(keys, args)
  local digest, stamp, ids = args[1], args[2], {}
  for index = 3, #args do
    ids[index - 2] = string.match(args[index], "^[%d:]+")
  end
  local run, why, state = stateOf(keys, digest, ids)
  if why == "PLAN" then
    return why
  end
  local lost, names, decided, changes = {}, {}, {}, changesOf(keys, run)
  for index, id in ipairs(run and ids or {}) do
    if not decided[id] and not state[firstHold + index - 1] then
      local fresh = readRecorded(args[index + 2])
      if isWholeAndFree(run, fresh) then
        addHold(changes, id, fresh)
        decided[id] = true
        table.insert(names, id)
      else
        table.insert(lost, id)
      end
    end
  end
  if #names > 0 then
    leaveServing(changes, names)
  end
  write(changes, stamp)
  return lost
end

local function isAsTold(known, told)
  local isLive = {}
  for place, seat in ipairs(known.seats) do
    isLive[seat] = band(known.live, lshift(1, place - 1)) ~= 0
  end
  for _, seat in ipairs(told.seats) do
    if not isLive[seat] then
      return false
    end
  end
  local isSameWay = known.class == told.class and known.from == told.from and known.to == told.to
  return isSameWay and liveSeats(known) == #told.seats
end

-- Of the seats of a hold those that are free. Answers whether it has them all.
local function takeFree(changes, hold)
  local isWhole = true
  for place, seat in ipairs(hold.seats) do
    if isFreeFor(changes.run, hold, seat) then
      change(changes, takeSeat, hold.class, seat, hold.from, hold.to)
      hold.live = bor(hold.live, lshift(1, place - 1))
    else
      isWhole = false
    end
  end
  return isWhole
end

-- A hold as it is after a repair.
local function noteRepaired(changes, id, hold)
  noteHold(changes, id, written(hold))
  -- One that has no seats any more is forgotten as after a release.
  if isOpen(hold) or hold.live == 0 and hold.deadline ~= "0" then
    noteDue(changes, hold.deadline, id)
  end
end

-- By id: what is known of a hold, whether it is held for good, and what it is told to be.
local function repairsOf(ids, state)
  local repairs = {}
  for index, id in ipairs(ids) do
    local text = state[firstHold + index - 1]
    local known = text and readHold(text) or nil
    repairs[id] = repairs[id] or { known = known, forGood = known and known.state == "c" and known.live ~= 0 }
  end
  return repairs
end

-- ARGV: digest, stamp, how many holds have seats too many, "id seats" of each, then as `readRecorded` reads it each that is told. The
-- digest may be empty where none is. Lets go of what is too much and of what is not as told, before anything is taken; serves nobody.
-- Answers the ids of those that lack a seat; or "PLAN".
local function repair(keys, args)
  local digest, stamp, surplus, ids = args[1], args[2], tonumber(args[3]), {}
  for index = 4, #args do
    ids[index - 3] = string.match(args[index], "^[%d:]+")
  end
  local run, why, state = stateOf(keys, digest ~= "" and digest or redis.call("HGET", keys[1], "digest"), ids)
  if not run then
    return digest ~= "" and why == "PLAN" and why or {}
  end
  local changes, repairs, told, lacking = changesOf(keys, run), repairsOf(ids, state), {}, {}
  for index, id in ipairs(ids) do
    local each = repairs[id]
    if index <= surplus then
      local meant = string.match(args[index + 3], " (.+)$")
      each.isChanged = each.known and #letGo(changes, each.known, meant) > 0 or each.isChanged
    else
      table.insert(told, id)
      local fresh = readRecorded(args[index + 3])
      if not each.known or not isAsTold(each.known, fresh) then
        each.isChanged = each.known and #letGo(changes, each.known, "") > 0 or each.isChanged
        each.fresh = fresh
      end
    end
  end
  for _, id in ipairs(told) do
    local fresh = repairs[id].fresh
    if fresh and not takeFree(changes, fresh) then
      table.insert(lacking, id)
    end
  end
  for id, each in pairs(repairs) do
    local fresh = each.fresh
    if fresh and fresh.live ~= 0 then
      fresh.state = each.forGood and "c" or fresh.state
      noteRepaired(changes, id, fresh)
    elseif each.isChanged then
      noteRepaired(changes, id, each.known)
    end
  end
  leaveServing(changes, told)
  write(changes, stamp)
  return lacking
end

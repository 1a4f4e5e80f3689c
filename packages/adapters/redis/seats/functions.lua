-- What the program calls. Every function is one step on one run, whose keys run.lua lists.
--
-- Steps that may serve who waits answer, behind what each says, a text for each time that it did, or that seats came back while
-- anybody waited: "class from to seats" of those that came back or "-", then "id class from to seats" of each that was served, with
-- ";" between and the names of classes.

local function isImpossible(layout, wishes)
  for wish in string.gmatch(wishes, ".") do
    if not layout.masks[wish] then
      return true
    end
  end
  return false
end

-- Seats, or why not.
local function decide(changes, class, from, to, channel, wishes, now)
  local run = changes.run
  local stock = run.stocks[class]
  if not stock then
    return nil, "ClassNotOffered"
  end
  if isImpossible(stock.layout, wishes) then
    return nil, "PreferenceImpossible"
  end
  if run.waits then
    serveIfDue(changes, now)
  end
  if not isPlain(run, class) then
    local count, refusal = sellable(run, class, from, to, channel, now, #wishes, #wishes)
    if count < #wishes then
      return nil, refusal
    end
  end
  return chooseSeats(stock, from, to, wishes), "SoldOut"
end

-- ARGV: now, digest, stamp, then "id class from to deadline channel wishes" of each command.
-- Answers for each its seats, or a refusal's code, then steps; or "PLAN".
local function hold(keys, args)
  local now, digest, stamp = tonumber(args[1]), args[2], args[3]
  local ids = {}
  for index = 4, #args do
    ids[index - 3] = string.match(args[index], "^[%d:]+")
  end
  local run, why, state = stateOf(keys, digest, ids)
  if why == "PLAN" then
    return why
  end

  local answers, decided, changes = {}, {}, changesOf(keys, run)
  for index, id in ipairs(ids) do
    local class, from, to, deadline, channel, wishes =
      string.match(args[index + 3], " (%d+) (%d+) (%d+) (%d+) (%a) (.+)$")
    local text = state[firstHold + index - 1]
    local known = decided[id] or text and readHold(text)
    class, from, to = tonumber(class), tonumber(from), tonumber(to)
    if known and known.live == 0 then
      answers[index] = "HoldExpired"
    elseif known and (known.class ~= class or known.from ~= from or known.to ~= to) then
      answers[index] = "SoldOut"
    elseif known then
      answers[index] = table.concat(known.seats, ",")
    elseif tonumber(deadline) <= now then
      answers[index] = "HoldExpired"
    elseif not run then
      answers[index] = "SaleClosed"
    else
      local seats, refusal = decide(changes, class, from, to, channel, wishes, now)
      if seats then
        decided[id] = { class = class, from = from, to = to, deadline = deadline, state = "h", seats = seats }
        addHold(changes, id, decided[id])
        if run.waits then
          serveAfterHold(changes, id, decided[id], now)
        end
      end
      answers[index] = seats and table.concat(seats, ",") or refusal
    end
  end
  write(changes, stamp)
  return withSteps(answers, changes)
end

-- ARGV: ids. Unknown and released ones are ignored.
local function confirm(keys, args)
  local texts = redis.call("HMGET", keys[1], unpack(args))
  local changes = changesOf(keys, nil)
  for index, text in ipairs(texts) do
    local known = text and readHold(text)
    if known and isOpen(known) then
      known.state = "c"
      noteHold(changes, args[index], written(known))
      table.insert(changes.undue, args[index])
    end
  end
  write(changes, nil)
  return #changes.undue
end

-- ARGV: now, stamp, then "id" or "id seats" of each. Answers for each the seats that were held until now, then steps.
local function release(keys, args)
  local now, stamp, ids, meant = tonumber(args[1]), args[2], {}, {}
  for index = 3, #args do
    ids[index - 2], meant[index - 2] = string.match(args[index], "^([%d:]+) ?(.*)$")
  end
  local digest = redis.call("HGET", keys[1], "digest")
  local run, _, state = stateOf(keys, digest, ids)
  local answers, decided, changes = {}, {}, changesOf(keys, run)
  for index, id in ipairs(ids) do
    local text = state[firstHold + index - 1]
    local known = run and (decided[id] or text and readHold(text))
    if known and run.waits then
      serveIfDue(changes, now)
    end
    local freed = known and letGo(changes, known, meant[index]) or {}
    if #freed > 0 then
      decided[id] = known
      noteHold(changes, id, written(known))
      -- Forgotten by `overdue` once a late copy would be refused for its deadline; one without is kept as long as its run.
      if known.live == 0 and known.deadline ~= "0" then
        noteDue(changes, known.deadline, id)
      end
      if run.waits then
        local way = wayText(changes, known.class, known.from, known.to, freed)
        serve(changes, reachOf({ known.class }, known.from, known.to), now, way)
      end
    end
    answers[index] = table.concat(freed, ",")
  end
  write(changes, stamp)
  return withSteps(answers, changes)
end

-- Of each class the seats behind so many are withdrawn, so that nobody has what is new before somebody says so.
local function withdrawNew(keys, plan, mark, countOf)
  for class, layout in ipairs(plan.layouts) do
    local field, count = "withdrawn " .. class, countOf(class)
    if count < layout.seatCount then
      local seats = cjson.decode(redis.call("HGET", keys[1], field) or "[]")
      for seat = count, layout.seatCount - 1 do
        seats[#seats + 1] = seat
      end
      redis.call("HSET", keys[1], field, "[" .. table.concat(seats, ",") .. "]", "offers", mark)
    end
  end
end

-- Seats are added behind those of each class, so that what is held, set and waited for stays as it is.
local function grow(keys, digest, text, mark, names)
  local before, plan = planOf(redis.call("HGET", keys[1], "plan")), planOf(text)
  local taken, parts = redis.call("GET", keys[2]), {}
  local function countBefore(class)
    return before.layouts[class] and before.layouts[class].seatCount or 0
  end
  for class, layout in ipairs(plan.layouts) do
    local first = (before.firstSeat[class] or 0) * plan.maskBytes
    local part = sub(taken or "", first + 1, first + countBefore(class) * plan.maskBytes)
    parts[class] = part .. rep("\0", layout.seatCount * plan.maskBytes - #part)
  end
  if taken then
    redis.call("SET", keys[2], table.concat(parts))
  end
  -- Without the mark nothing is in force, whatever the fields say.
  if redis.call("HEXISTS", keys[1], "offers") == 0 then
    for class = 1, #plan.layouts do
      redis.call("HDEL", keys[1], "gate " .. class, "quotas " .. class, "withdrawn " .. class)
    end
  end
  withdrawNew(keys, plan, mark, countBefore)
  redis.call("HSET", keys[1], "digest", digest, "plan", text, "stamp", mark .. here, "classes", names)
end

-- Whether the run has grown from how the caller knows it.
local function isOlder(keys, digest)
  local older = redis.call("HGET", keys[1], "older")
  return older and string.find(older, " " .. digest .. " ", 1, true)
end

-- ARGV: digest, plan, mark, names of all classes, how many seats of each are not new, then digests from which it may have grown. Says how the
-- seats lie, unless that is known. Beside that it may change only while nothing is taken. Answers "OLDER" to who knows it as it was before it grew.
local function open(keys, args)
  local digest, text, mark = args[1], args[2], args[3]
  local state = redis.call("HMGET", keys[1], "gone", "digest")
  if state[1] or state[2] == digest then
    return "OK"
  end
  if state[2] and isOlder(keys, digest) then
    return "OLDER"
  end
  local older = #args > 5 and " " .. table.concat(args, " ", 6) .. " " or nil
  if state[2] and older and string.find(older, " " .. state[2] .. " ", 1, true) then
    grow(keys, digest, text, mark, args[4])
    redis.call("HSET", keys[1], "older", older)
    return "OK"
  end
  if state[2] and string.find(redis.call("GET", keys[2]) or "", "[^%z]") then
    return "CONFLICT"
  end
  redis.call("DEL", keys[2])
  redis.call("HDEL", keys[1], "stamp", "offers", "waits", "classes", "older")
  if state[2] then
    redis.call("UNLINK", keys[4], keys[5])
  end
  -- Classes and stops are counted otherwise now.
  for class = 1, state[2] and #planOf(redis.call("HGET", keys[1], "plan")).layouts or 0 do
    redis.call("HDEL", keys[1], "gate " .. class, "quotas " .. class, "withdrawn " .. class)
  end
  redis.call("HSET", keys[1], "digest", digest, "plan", text)
  if older then
    local counts = {}
    for count in string.gmatch(args[5], "%d+") do
      counts[#counts + 1] = tonumber(count)
    end
    redis.call("HSET", keys[1], "older", older)
    withdrawNew(keys, planOf(text), mark, function(class)
      return counts[class]
    end)
  end
  return "OK"
end

-- Of the arguments from there on the offer of one class. False where all of it is set already. Without the mark nothing is in force,
-- whatever the fields say: an older process that opened the run has deleted the mark and not those fields that it does not know.
local function setOffer(keys, args, index)
  local class = args[index]
  local fields = { "gate " .. class, "quotas " .. class, "withdrawn " .. class }
  local known = redis.call("HMGET", keys[1], "offers", unpack(fields))
  local hasMark, isChange = table.remove(known, 1), false
  for place, field in ipairs(fields) do
    local text = args[index + place]
    if text ~= "=" and text ~= (known[place] or "") then
      isChange = true
      if text == "" then
        redis.call("HDEL", keys[1], field)
      else
        redis.call("HSET", keys[1], field, text)
      end
    elseif not hasMark and known[place] then
      isChange = true
    end
  end
  return isChange
end

-- ARGV: now, digest, mark, then class, gate, quotas and withdrawn seats of each, empty to take away, "=" to leave as it is. Answers steps; or "SAME"
-- where nothing was changed and nobody served, "PLAN", "GONE".
local function setOffers(keys, args)
  local now, digest, mark = tonumber(args[1]), args[2], args[3]
  local state = redis.call("HMGET", keys[1], "gone", "digest", "waits")
  if state[1] then
    return "GONE"
  end
  if state[2] ~= digest then
    return "PLAN"
  end
  local isChange = false
  if not state[3] then
    for index = 4, #args, 4 do
      isChange = setOffer(keys, args, index) or isChange
    end
    if isChange then
      redis.call("HSET", keys[1], "offers", mark)
    end
    return isChange and {} or "SAME"
  end
  -- Who waits is served before and after each; what follows each other and withdraws counts as one.
  local steps, isOpened, isSet = {}, false, false
  for index = 4, #args, 4 do
    if not isOpened then
      local changes = changesOf(keys, (stateOf(keys, digest)))
      serveIfDue(changes, now)
      write(changes, mark .. "." .. index .. "d")
      withSteps(steps, changes)
    end
    if setOffer(keys, args, index) then
      isSet = true
      redis.call("HSET", keys[1], "offers", mark .. "." .. index)
    end
    isOpened = args[index + 3] ~= "=" and (args[index + 7] or "=") ~= "="
    if isSet and not isOpened then
      isChange, isSet = true, false
      local changes = changesOf(keys, (stateOf(keys, digest)))
      serve(changes, nil, now, nil)
      write(changes, mark .. "." .. index .. "s")
      withSteps(steps, changes)
    end
  end
  return (isChange or #steps > 0) and steps or "SAME"
end

-- ARGV: now, digest, stamp, names of all classes, then "id classes from to place wishes" of each. Answers steps; or "PLAN", "GONE".
local function join(keys, args)
  local now, digest, stamp, ids = tonumber(args[1]), args[2], args[3], {}
  for index = 5, #args do
    ids[index - 4] = string.match(args[index], "^[%d:]+")
  end
  local run, why, state = stateOf(keys, digest, ids)
  if not run then
    return why
  end
  local changes, known = changesOf(keys, run), redis.call("HMGET", keys[5], unpack(ids))
  redis.call("HSET", keys[1], "classes", args[4])
  local joined = {}
  for index, id in ipairs(ids) do
    serveIfDue(changes, now)
    if not state[firstHold + index - 1] and not known[index] and not joined[id] then
      joined[id] = true
      local way, place, wishes = string.match(args[index + 4], "^%S+ (%S+ %d+ %d+) (%d+) (.+)$")
      local line = tonumber(string.match(id, ":(%d+)$") or "0")
      local text = way .. " " .. #wishes
      local name = string.format("%016.0f:%03d", tonumber(string.match(id, "^%d+")), line)
      local member = text .. "|" .. string.format("%016.0f", tonumber(place)) .. "|" .. name .. "|" .. wishes
      local group, need = groupIn(changeWaiting(changes), text), readNeed(member)
      redis.call("ZADD", keys[4], 0, member)
      redis.call("HSET", keys[5], id, member)
      local isAlone = not group.first
      if isAlone or comesBefore(need, group.first) then
        group.first = need
      end
      -- Where others wait alike, who do not fit, nor does this one.
      if isAlone then
        serve(changes, reachOf(group.way.classes, group.way.from, group.way.to), now, nil)
      end
    end
  end
  write(changes, stamp)
  return withSteps({}, changes)
end

-- ARGV: stamp, "leave" or "forget", then ids. Who is forgotten may join again.
local function leave(keys, args)
  local stamp, how, names = args[1], args[2], { unpack(args, 3) }
  local run, why = ownState(keys)
  if why == "GONE" then
    return "GONE"
  end
  if run then
    local changes = changesOf(keys, run)
    endNeeds(changes, names)
    write(changes, stamp)
  end
  if how == "forget" then
    redis.call("HDEL", keys[5], unpack(names))
  else
    local ended = {}
    for _, name in ipairs(names) do
      ended[#ended + 1] = name
      ended[#ended + 1] = ""
    end
    redis.call("HSET", keys[5], unpack(ended))
  end
  return "OK"
end

-- ARGV: now, stamp, digest, then digests from which it may have grown. Serves what has changed by time alone, also where the caller knows it as it was
-- before it grew, or as it is to be. Answers when that may be so again, empty for never, then steps.
local function serveWaiting(keys, args)
  local now, stamp = tonumber(args[1]), args[2]
  local run = ownState(keys)
  local isOfCaller = run and (isOlder(keys, args[3]) or string.find(table.concat(args, " ", 3), run.digest, 1, true))
  if not isOfCaller or not run.waits then
    return { "" }
  end
  local changes = changesOf(keys, run)
  serve(changes, nil, now, nil)
  write(changes, stamp)
  return withSteps({ run.serveAt < math.huge and string.format("%.0f", run.serveAt) or "" }, changes)
end

-- ARGV: now, limit, when to ask again. Answers when to ask for the next (empty where none is left), then ids of unconfirmed holds whose
-- time has come, with " g" behind those that were given to who waited. Forgets released ones. While anybody waits it is asked again
-- before a grant's time is over, since a grant is not announced as a purchase is.
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
      if known and isOpen(known) then
        -- More than are wanted are left for the next look.
        if #found < limit then
          table.insert(found, known.state == "g" and ids[index] .. " g" or ids[index])
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
  local upcoming = redis.call("ZRANGE", keys[3], 0, 0, "WITHSCORES")[2] or ""
  if redis.call("HEXISTS", keys[1], "waits") == 1 then
    upcoming = string.format("%.0f", math.min(tonumber(upcoming) or math.huge, tonumber(now) + grantTtlMs))
  end
  return { upcoming, unpack(found) }
end

-- ARGV: for how many seconds to remember that the run is gone. Answers 1 where it was there.
local function retire(keys, args)
  local state = redis.call("HMGET", keys[1], "gone", "digest")
  redis.call("UNLINK", unpack(keys))
  redis.call("HSET", keys[1], "gone", 1)
  redis.call("EXPIRE", keys[1], args[1])
  lately[keys[1]], before[keys[1]] = nil, nil
  return not state[1] and state[2] and 1 or 0
end

-- Reading -----------------------------------------------------------------------------------------------------------------

-- A run without a plan, or with another one while nothing is taken, is free all over: "PLAN".
-- Who knows it as it was before it grew knows the first seats of each class.
local function runToRead(keys, digest)
  local run, why, state = stateOf(keys, digest)
  if why == "PLAN" and state[2] and isOlder(keys, digest) then
    run, why, state = stateOf(keys, state[2])
  end
  if why == "PLAN" and state[2] and string.find(redis.call("GET", keys[2]) or "", "[^%z]") then
    why = "CONFLICT"
  end
  return run, why
end

-- ARGV: now, digest, then "from to" of each way. Answers for each of its classes "seats refusal changesAt", or "seats" where that
-- says all; or "PLAN", "GONE", "CONFLICT"; or "SERVE" where who waits is to be served before.
local function available(keys, args)
  local now = tonumber(args[1])
  local run, why = runToRead(keys, args[2])
  if not run then
    return why
  end
  if run.serveAt <= now then
    return "SERVE"
  end
  local answers = {}
  for index = 3, #args do
    local from, to = string.match(args[index], "^(%d+) (%d+)$")
    from, to = tonumber(from), tonumber(to)
    local classes = {}
    for class = 1, #run.stocks do
      local count, refusal, changesAt = sellable(run, class, from, to, "p", now, 1, math.huge)
      classes[class] = count
      if changesAt or count == 0 and refusal ~= "SoldOut" then
        classes[class] = string.format("%d %s %.0f", count, refusal, changesAt or 0)
      end
    end
    answers[index - 2] = table.concat(classes, ",")
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

-- The names of the classes, which are there since anybody waited, in their order.
local function namesOfClasses(keys)
  local names = {}
  for name in string.gmatch(redis.call("HGET", keys[1], "classes") or "", "[^,]+") do
    names[#names + 1] = name
  end
  return names
end

-- Answers "classes from to party needs" of each group that waits, with the names of the classes.
local function groups(keys)
  local run, names = ownState(keys), namesOfClasses(keys)
  local answers = {}
  for _, group in pairs(run and run.waits and waitingOf(keys, run).groups or {}) do
    if group.first then
      local count = redis.call("ZLEXCOUNT", keys[4], "[" .. group.text .. "|", "(" .. group.text .. "}")
      local text = string.gsub(string.match(group.text, "^%S+"), "%d+", function(class)
        return names[tonumber(class)]
      end)
      answers[#answers + 1] = text .. string.match(group.text, " .+$") .. " " .. count
    end
  end
  return answers
end

-- ARGV: names of classes, from, to, place. Answers how many needs wait before that place that share a class and a segment.
local function ahead(keys, args)
  local run, count = ownState(keys), 0
  local classes, place = {}, string.format("%016.0f", tonumber(args[4]))
  for class, name in ipairs(namesOfClasses(keys)) do
    if string.find("," .. args[1] .. ",", "," .. name .. ",", 1, true) then
      classes[#classes + 1] = class
    end
  end
  local reach = reachOf(classes, tonumber(args[2]), tonumber(args[3]))
  for _, group in pairs(run and run.waits and waitingOf(keys, run).groups or {}) do
    if group.first and isWithin(group.way, reach) then
      count = count + redis.call("ZLEXCOUNT", keys[4], "[" .. group.text .. "|", "(" .. group.text .. "|" .. place)
    end
  end
  return count
end

return {
  hold = hold,
  confirm = confirm,
  release = release,
  reload = reload,
  repair = repair,
  open = open,
  setOffers = setOffers,
  join = join,
  leave = leave,
  serve = serveWaiting,
  groups = groups,
  ahead = ahead,
  overdue = overdue,
  retire = retire,
  available = available,
  freeSeats = freeSeats,
}

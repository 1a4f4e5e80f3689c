-- Who waits for a run, in order. Needs that wait alike are a group, "classes from to party": what is looked at is the first of each, and only
-- on ways over which something is free.
--
--   KEYS[4]  waiting  sorted set, all of one score so that it is in order of its texts: "group|place|id:line|wishes", with numbers of one
--                     width, so that of each group the first in order is found at once
--   KEYS[5]  needs    hash by name, "id" or "id:line": its text in the other while it waits, empty once it waits no more
--   "waits"           of the run's hash, while anybody waits: another text after every change of those, and the moment from which on by
--                     time alone somebody may be served, "-" for never
--
--   "classes"         of the run's hash: the names of its classes, for word of grants
--
-- The groups with their first needs are remembered between calls, and believed while the text they were read under is the one in "waits".

local function groupIn(waiting, text)
  local group = waiting.groups[text]
  if group then
    return group
  end
  local wanted, classes, from, to, party = string.match(text, "^((%S+) (%d+) (%d+)) (%d+)$")
  local way = waiting.ways[wanted]
  if not way then
    way = { classes = {}, from = tonumber(from), to = tonumber(to), groups = {} }
    for class in string.gmatch(classes, "%d+") do
      way.classes[#way.classes + 1] = tonumber(class)
    end
    waiting.ways[wanted] = way
    for _, class in ipairs(way.classes) do
      local ofClass = waiting.waysOf[class] or {}
      local key = gapKey(way.from, way.to)
      waiting.waysOf[class], ofClass[key] = ofClass, ofClass[key] or {}
      table.insert(ofClass[key], way)
    end
  end
  group = { text = text, way = way, party = tonumber(party) }
  way.groups[group.party] = group
  waiting.groups[text] = group
  return group
end

local function emptyWaiting()
  return { groups = {}, ways = {}, waysOf = {} }
end

-- A need by its text, or nil for none.
local function readNeed(member)
  if not member then
    return nil
  end
  local place, id, line, wishes = string.match(member, "^[^|]*|(%d+)|(%d+):(%d+)|(.+)$")
  local need = { member = member, place = tonumber(place), id = tonumber(id), line = tonumber(line), wishes = wishes }
  need.name = string.format(need.line == 0 and "%.0f" or "%.0f:%d", need.id, need.line)
  return need
end

local function comesBefore(need, other)
  if need.place ~= other.place then
    return need.place < other.place
  end
  if need.id ~= other.id then
    return need.id < other.id
  end
  return need.line < other.line
end

local function readFirst(keys, group)
  local from, to = "[" .. group.text .. "|", "(" .. group.text .. "}"
  group.first = readNeed(redis.call("ZRANGE", keys[4], from, to, "BYLEX", "LIMIT", 0, 1)[1])
end

-- One look for each group, however many wait.
local function readWaiting(keys)
  local waiting, from = emptyWaiting(), "-"
  while true do
    local member = redis.call("ZRANGE", keys[4], from, "+", "BYLEX", "LIMIT", 0, 1)[1]
    if not member then
      return waiting
    end
    local text = string.match(member, "^[^|]*")
    groupIn(waiting, text).first = readNeed(member)
    from = "[" .. text .. "}"
  end
end

-- The waitlist of a run whose "waits" was just read.
local function waitingOf(keys, run)
  if not run.waiting or run.waiting.text ~= run.waits then
    run.waiting = run.waits and readWaiting(keys) or emptyWaiting()
    run.waiting.text = run.waits
  end
  return run.waiting
end

-- What "waits" says of the moment.
local function serveAtIn(waits)
  return waits and tonumber(string.match(waits, " (%S+)$")) or math.huge
end

local function anybodyWaits(waiting)
  for _, group in pairs(waiting.groups) do
    if group.first then
      return true
    end
  end
  return false
end

-- Where a step left more to be sold: in which classes, over which stretch. Without one, anywhere.
local function reachOf(classes, from, to)
  local reach = { classes = {}, from = from, to = to }
  for _, class in ipairs(classes) do
    reach.classes[class] = true
  end
  return reach
end

-- The classes that are sold after this one join, over the way on which seats of this one were taken.
local function widen(run, reach, class, from, to)
  for child, parent in pairs(run.plan.parentOf) do
    if parent == class then
      reach.classes[child] = true
      reach.from, reach.to = math.min(reach.from, from), math.max(reach.to, to)
    end
  end
end

-- A place that comes back to a quota may serve a way far from where the seat is.
local function hasQuotas(run, reach)
  for class in pairs(reach.classes) do
    if run.offers[class] and #run.offers[class].quotas > 0 then
      return true
    end
  end
  return false
end

local function isWithin(way, reach)
  if way.from >= reach.to or way.to <= reach.from then
    return false
  end
  for _, class in ipairs(way.classes) do
    if reach.classes[class] then
      return true
    end
  end
  return false
end

-- What is found out about a run at one moment, until something is sold: free seats and what may be sold, by class.
local function findings(run, now)
  local found = { run = run, now = now, free = {}, sales = {} }
  function found.freeOf(class)
    found.free[class] = found.free[class] or freeTable(run.stocks[class])
    return found.free[class]
  end
  return found
end

-- Seats of this class were taken.
local function forgetFindings(found, class)
  found.free[class], found.sales[class] = nil, nil
  for child, parent in pairs(found.run.plan.parentOf) do
    if parent == class then
      found.sales[child] = nil
    end
  end
end

-- What may be sold to who waits of a class over a way, at most the largest party.
local function saleOf(found, class, from, to)
  local sales, key = found.sales[class] or {}, gapKey(from, to)
  found.sales[class] = sales
  local sale = sales[key]
  if not sale then
    local count, _, changesAt, free =
      sellable(found.run, class, from, to, "w", found.now, 1, partyMax, found.freeOf)
    sale = { count = math.min(count, partyMax), free = math.min(free, partyMax), changesAt = changesAt }
    sales[key] = sale
  end
  return sale
end

-- Notes when a limit begins for which a party waits that finds seats enough.
local function noteLimit(run, way, sale)
  for party = sale.count + 1, sale.free do
    if way.groups[party] and way.groups[party].first and sale.changesAt < run.serveAt then
      run.serveAt = sale.changesAt
    end
  end
end

-- The one of both whose first need is before the other's: the best so far, and those of a way that fit.
local function betterOf(best, way, sale)
  for party = 1, sale.count do
    local group = way.groups[party]
    if group and group.first and (not best or comesBefore(group.first, best.first)) then
      best = group
    end
  end
  return best
end

-- The group whose first need is the first that fits, and the class in which it does; or nil.
local function firstThatFits(found, waiting, reach)
  local best = nil
  for class, ways in pairs(waiting.waysOf) do
    if not reach or reach.classes[class] then
      for key in pairs(found.freeOf(class)) do
        local alike = ways[key]
        if alike and (not reach or alike[1].from < reach.to and alike[1].to > reach.from) then
          local sale = saleOf(found, class, alike[1].from, alike[1].to)
          for _, way in ipairs(alike) do
            best = betterOf(best, way, sale)
            if sale.changesAt then
              noteLimit(found.run, way, sale)
            end
          end
        end
      end
    end
  end
  for _, class in ipairs(best and best.way.classes or {}) do
    if saleOf(found, class, best.way.from, best.way.to).count >= best.party then
      return best, class
    end
  end
end

-- Wishes that the class could answer; the others count as none.
local function possibleWishes(layout, wishes)
  return (string.gsub(wishes, ".", function(wish)
    return layout.masks[wish] and wish or "."
  end))
end

-- Serving who waits, within a step on a run: rule I5. What fits is found in waitlist.lua; here it is given and written.

-- The waitlist, about to be changed: from here until all is written nobody may believe what is remembered.
local function changeWaiting(changes)
  if not changes.waiting then
    changes.waiting = waitingOf(changes.keys, changes.run)
    changes.waiting.text = nil
  end
  return changes.waiting
end

-- The text of a need goes; what is left of its name says that it waited.
local function dropNeed(changes, member, name)
  local keys, waiting = changes.keys, changeWaiting(changes)
  redis.call("ZREM", keys[4], member)
  redis.call("HSET", keys[5], name, "")
  local group = waiting.groups[string.match(member, "^[^|]*")]
  if group.first and group.first.member == member then
    readFirst(keys, group)
  end
end

-- For those who know the run by its id alone, with the name of the class: "classes" has them since the first need.
local function wayText(changes, class, from, to, seats)
  local run = changes.run
  if not run.classNames then
    run.classNames = {}
    for name in string.gmatch(redis.call("HGET", changes.keys[1], "classes"), "[^,]+") do
      table.insert(run.classNames, name)
    end
  end
  return run.classNames[class] .. " " .. from .. " " .. to .. " " .. table.concat(seats, ",")
end

local function grantTo(changes, group, class, now)
  local run, need, from, to = changes.run, group.first, group.way.from, group.way.to
  local stock = run.stocks[class]
  local seats = chooseSeats(stock, from, to, possibleWishes(stock.layout, need.wishes))
  local deadline = string.format("%.0f", now + grantTtlMs)
  dropNeed(changes, need.member, need.name)
  local hold = { class = class, from = from, to = to, deadline = deadline, state = "g", seats = seats }
  addHold(changes, need.name, hold)
  return need.name .. " " .. wayText(changes, class, from, to, seats)
end

-- Serves who fits, the lowest place first, where a step left more to be sold, until nobody does. Without a reach everything is looked
-- at, and when to do so again is found out anew.
local function serve(changes, reach, now, freed)
  local run, told = changes.run, { freed or "-" }
  local waiting, serveAt = changes.waiting or waitingOf(changes.keys, run), run.serveAt
  if not anybodyWaits(waiting) then
    return
  end
  if reach and hasQuotas(run, reach) then
    reach.from, reach.to = 0, math.huge
  end
  local found = findings(run, now)
  while true do
    if not reach then
      run.serveAt = math.huge
    end
    local group, class = firstThatFits(found, waiting, reach)
    if not group then
      break
    end
    told[#told + 1] = grantTo(changes, group, class, now)
    forgetFindings(found, class)
    if reach then
      widen(run, reach, class, group.way.from, group.way.to)
    end
  end
  if run.serveAt ~= serveAt then
    changeWaiting(changes)
  end
  if freed or #told > 1 then
    table.insert(changes.steps, table.concat(told, ";"))
  end
end

local function serveIfDue(changes, now)
  if changes.run.serveAt <= now then
    serve(changes, nil, now, nil)
  end
end

-- Whose names these are wait no more: they are held.
local function endNeeds(changes, names)
  if #names == 0 then
    return
  end
  for index, member in ipairs(redis.call("HMGET", changes.keys[5], unpack(names))) do
    if member and member ~= "" then
      dropNeed(changes, member, names[index])
    end
  end
end

-- The last seat that was held may let somebody stand.
local function serveAfterHold(changes, id, hold, now)
  endNeeds(changes, { id })
  local reach = reachOf({}, hold.from, hold.to)
  widen(changes.run, reach, hold.class, hold.from, hold.to)
  if next(reach.classes) then
    serve(changes, reach, now, nil)
  end
end

local function withSteps(answers, changes)
  for _, step in ipairs(changes.steps) do
    table.insert(answers, step)
  end
  return answers
end

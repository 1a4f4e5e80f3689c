-- How the places of a composition lie: rows, coaches, and which places answer which wish. Read from the text that the program
-- sends with the first hold of a run (layout.ts writes it), and shared by all runs that have the same.
--
-- A wish is a character, "." for none. Letters and berth levels (rank 0) are served before window and aisle (rank 1), those
-- before no wish.

local rankOf = { w = 1, a = 1, ["."] = 2 }

local function emptyWords(seatCount)
  local words = {}
  for word = 1, wordOf(seatCount - 1) do
    words[word] = 0
  end
  return words
end

-- One bit for every block of `length` seats within a row that passes, where it begins. `passes(places, first)` is asked once
-- for rows that are alike.
local function blocks(layout, length, passes)
  local words = emptyWords(layout.seatCount)
  for _, group in ipairs(layout.groups) do
    local places = group.places
    for first = 1, #places - length + 1 do
      if passes(places, first) then
        for row = 0, group.howMany - 1 do
          local seat = group.firstSeat + row * #places + first - 1
          words[wordOf(seat)] = bor(words[wordOf(seat)], bitOf(seat))
        end
      end
    end
  end
  return words
end

local function always()
  return true
end

-- One class. `rows` is a list of { coach, places of a row, how many such rows }; a place is the wishes it answers.
local function layoutOf(rows)
  local layout = { groups = {}, rowStart = {}, coachStart = {}, masks = {}, starts = {}, grants = {}, grantsCount = 0 }
  local seatCount, coachBefore, wishes = 0, nil, ""
  for _, group in ipairs(rows) do
    local coach, places, howMany = group[1], group[2], group[3]
    if coach ~= coachBefore then
      table.insert(layout.coachStart, seatCount)
      coachBefore = coach
    end
    table.insert(layout.groups, { firstSeat = seatCount, places = places, howMany = howMany })
    for _ = 1, howMany do
      table.insert(layout.rowStart, seatCount)
      seatCount = seatCount + #places
    end
    wishes = wishes .. table.concat(places)
  end
  table.insert(layout.rowStart, seatCount)
  table.insert(layout.coachStart, seatCount)
  layout.seatCount, layout.wordCount = seatCount, wordOf(seatCount - 1)

  layout.masks["."] = blocks(layout, 1, always)
  for wish in string.gmatch(wishes, ".") do
    layout.masks[wish] = layout.masks[wish]
      or blocks(layout, 1, function(places, first)
        return string.find(places[first], wish, 1, true)
      end)
  end
  for length = 2, 9 do
    layout.starts[length] = blocks(layout, length, always)
  end
  return layout
end

-- Passengers by rank of wish, then as they came.
local function orderOfService(wishes, isWished)
  local order = {}
  if not isWished then
    for passenger = 1, #wishes do
      order[passenger] = passenger
    end
    return order
  end
  for rank = 0, 2 do
    for passenger = 1, #wishes do
      if (rankOf[sub(wishes, passenger, passenger)] or 0) == rank then
        order[#order + 1] = passenger
      end
    end
  end
  return order
end

-- Can the places from `first` to `last` of a row answer all wishes? Any two wishes are strangers or one lies within the other,
-- so serving narrow ones first with whatever place is left finds a way if there is one.
local function canGrant(places, first, last, wishesInOrder)
  local used = {}
  for _, wish in ipairs(wishesInOrder) do
    local found = nil
    for place = first, last do
      if not found and not used[place] and (wish == "." or string.find(places[place], wish, 1, true)) then
        found = place
      end
    end
    if not found then
      return false
    end
    used[found] = true
  end
  return true
end

-- Of the blocks and of the rows, those that can answer all wishes: in whichever order, so the same for all who wish the same.
-- Remembered as long as they are not too many.
local grantsMax = 500

local function grantsOf(layout, wishes, order)
  local wishesInOrder = {}
  for served, passenger in ipairs(order) do
    wishesInOrder[served] = sub(wishes, passenger, passenger)
  end
  table.sort(wishesInOrder, function(a, b)
    local rankA, rankB = rankOf[a] or 0, rankOf[b] or 0
    return rankA < rankB or rankA == rankB and a < b
  end)
  local key = table.concat(wishesInOrder)
  local grants = layout.grants[key]
  if not grants then
    if layout.grantsCount >= grantsMax then
      layout.grants, layout.grantsCount = {}, 0
    end
    local count = #wishesInOrder
    grants = {
      blocks = blocks(layout, count, function(places, first)
        return canGrant(places, first, first + count - 1, wishesInOrder)
      end),
      rows = blocks(layout, 1, function(places, first)
        return first == 1 and canGrant(places, 1, #places, wishesInOrder)
      end),
    }
    layout.grants[key] = grants
    layout.grantsCount = layout.grantsCount + 1
  end
  return grants
end

local plans = setmetatable({}, { __mode = "v" })

-- The whole train: its classes in the order that commands number them by, and how its seats lie in the ledger.
local function planOf(text)
  local plan = plans[text]
  if plan then
    return plan
  end
  local read = cjson.decode(text)
  plan = { segments = read.segments, parentOf = {}, layouts = {}, firstSeat = {} }
  if read.standing > 0 and read.parent > 0 then
    plan.parentOf[read.standing] = read.parent
  end
  plan.maskBytes = rshift(plan.segments + 7, 3)
  plan.noMask = rep("\0", plan.maskBytes)
  local seatCount = 0
  for class, rows in ipairs(read.classes) do
    plan.layouts[class] = layoutOf(rows)
    plan.firstSeat[class] = seatCount
    seatCount = seatCount + plan.layouts[class].seatCount
  end
  plans[text] = plan
  return plan
end

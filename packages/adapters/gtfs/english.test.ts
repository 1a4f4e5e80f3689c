/** How Chinese stations are written in English. */
import { expect, test } from "bun:test";
import { englishNameOf } from "./english.ts";

const rows: readonly (readonly [name: string, city: string, pinyin: string, english: string])[] = [
  ["北京", "北京", "bei jing", "Beijing"],
  ["北京南", "北京", "bei jing nan", "Beijing South"],
  ["北京朝阳", "北京", "bei jing chao yang", "Beijing Chaoyang"],
  ["上海虹桥", "上海", "shang hai hong qiao", "Shanghai Hongqiao"],
  ["滕州东", "枣庄", "teng zhou dong", "Tengzhou East"],
  ["济南", "济南", "ji nan", "Jinan"],
  ["定西北", "定西", "ding xi bei", "Dingxi North"],
  ["西安", "西安", "xi an", "Xi'an"],
  ["西安北", "西安", "xi an bei", "Xi'an North"],
  ["东莞南", "东莞", "dong guan nan", "Dongguan South"],
  ["哈尔滨西", "哈尔滨", "ha er bin xi", "Harbin West"],
  ["乌鲁木齐", "乌鲁木齐", "wu lu mu qi", "Ürümqi"],
  ["呼和浩特东", "呼和浩特", "hu he hao te dong", "Hohhot East"],
  ["香港西九龙", "香港", "xiang gang xi jiu long", "Hong Kong West Kowloon"],
  ["上海虹桥东", "上海", "shang hai hong qiao dong", "Shanghai Hongqiao East"],
];

test.each(rows)("%s in %s is the city, then which of its stations", (name, city, pinyin, english) => {
  expect(englishNameOf(name, city, pinyin.split(" "))).toBe(english);
});

test("a name that is not all Chinese is written as it sounds", () => {
  expect(englishNameOf("T1航站楼", "T1航站楼", ["t1", "hang", "zhan", "lou"])).toBe("T1hangzhanlou");
});

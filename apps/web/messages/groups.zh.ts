/** 常用乘车人分组。 */
export const groupsZh = {
  title: "乘车人分组",
  choose: (name: string, count: number): string => `${name}（${count} 人）`,
  save: "存为一组",
  name: "分组名称",
  hint: "例如“家人”。只保存在这台设备上，退出登录后删除。",
  remove: (name: string): string => `删除分组“${name}”`,
};
export type GroupsMessages = typeof groupsZh;

/** The login of the demo network, so that a newcomer can buy at once. Its people are made up. */
import { serviceDate } from "@chepiao/kernel";
import { demoResidentId, type SeedAccount } from "@chepiao/services/user";

export const demoAccount: SeedAccount = {
  account: {
    username: "demo",
    password: "chepiao-demo",
    realName: "张伟",
    documentType: "residentId",
    documentNumber: demoResidentId(serviceDate("1990-03-07"), 1),
    phone: "13800000001",
    email: "demo@example.com",
  },
  passengers: [
    { name: "李娜", documentType: "residentId", documentNumber: demoResidentId(serviceDate("1991-08-15"), 2) },
    {
      name: "王小明",
      documentType: "residentId",
      documentNumber: demoResidentId(serviceDate("2018-05-20"), 3),
      ticketType: "child",
    },
    { name: "Anna Schmidt", documentType: "passport", documentNumber: "C01X00T47" },
    {
      name: "陈晨",
      documentType: "residentId",
      documentNumber: demoResidentId(serviceDate("2005-11-02"), 4),
      ticketType: "student",
    },
  ],
};
